"use client";
import { usePathname } from "next/navigation";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { type StreamEvent, streamOf } from "#lib/protocol/index.ts";
import { useLiveClient } from "../live/live-provider.tsx";
import { useStream } from "../live/use-stream.ts";
import { type Attention, createAttention } from "./attention.ts";

const AttentionContext = createContext<Attention | null>(null);

interface AttentionProviderProps {
	userId: string;
	/** What the server knew when it rendered the page, so that nothing is pushed down by it later. */
	initial: readonly StreamEvent[];
	children: ReactNode;
}

/** Keeps what this person has not looked at, on whatever page, and tells the server what they have. */
export function AttentionProvider({ userId, initial, children }: AttentionProviderProps) {
	const client = useLiveClient();
	const stream = streamOf.user(userId);
	const [attention] = useState(() =>
		createAttention(
			(seq) => client?.acknowledge(stream, seq),
			initial.filter((event) => !needsNobody(event)),
		),
	);
	const path = usePathname();

	function look() {
		if (document.visibilityState === "visible") attention.settle((event) => needsNobody(event) || isShownAt(path, event));
	}
	useStream(stream, {
		onUnseen(unseen, seen) {
			attention.begin(unseen, seen);
			look();
		},
		onEvents(events) {
			attention.add(events);
			look();
			// What went well is told as it happens to who is there to see it.
			if (document.visibilityState === "visible") attention.settle((event) => wentWell(event) && events.some(({ id }) => id === event.id));
		},
	});
	useEffect(() => {
		const lookNow = () => {
			if (document.visibilityState === "visible") attention.settle((event) => isShownAt(path, event));
		};
		lookNow();
		document.addEventListener("visibilitychange", lookNow);
		return () => document.removeEventListener("visibilitychange", lookNow);
	}, [attention, path]);
	return <AttentionContext value={attention}>{children}</AttentionContext>;
}

const nothing: readonly StreamEvent[] = [];
const never = () => () => {};

/** What this person has not looked at, and the function that says that they have. */
export function useAttention(): { items: readonly StreamEvent[]; settle: Attention["settle"] } {
	const attention = useContext(AttentionContext);
	const items = useSyncExternalStore(
		attention?.subscribe ?? never,
		() => attention?.items() ?? nothing,
		() => attention?.items() ?? nothing,
	);
	const settle = useCallback((done: (event: StreamEvent) => boolean) => attention?.settle(done), [attention]);
	return { items, settle };
}

/** A question stands in the inbox until it is answered; who cancels knows of it. */
function needsNobody(event: StreamEvent): boolean {
	return event.type === "approval_requested" || (event.type === "deployment_completed" && event.metadata.status === "cancelled");
}

function wentWell(event: StreamEvent): boolean {
	return event.type === "deployment_completed" && event.metadata.status === "succeeded";
}

/** True on the page of the deployment that the event is about. */
function isShownAt(path: string, { deployment_id }: StreamEvent): boolean {
	return deployment_id !== null && path === `/deployments/${deployment_id}`;
}
