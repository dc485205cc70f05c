"use client";
import { useEffect, useRef } from "react";
import type { StreamEvent } from "#lib/protocol/index.ts";
import { useLiveClient } from "./live-provider.tsx";

export interface StreamReader {
	/** New events, each once and in order. */
	onEvents(events: StreamEvent[]): void;
	/** Where reading began or began anew: fetch what you show, events go on from here. */
	onStart?(): void;
	/** To who starts anew: what this person had not acknowledged by then, and up to where they had. */
	onUnseen?(unseen: readonly StreamEvent[], seen: number): void;
}

/** Reads a stream of lists, such as `user/<id>`, from now on; null reads nothing. */
export function useStream(stream: string | null, reader: StreamReader): void {
	const client = useLiveClient();
	const latest = useRef(reader);
	useEffect(() => {
		latest.current = reader;
	});
	useEffect(() => {
		if (!client || stream === null) return;
		return client.subscribe(
			stream,
			{ epoch: null, after: 0 },
			{
				onEvents: (events) => latest.current.onEvents(events),
				onSnapshot: () => latest.current.onStart?.(),
				onReset: () => latest.current.onStart?.(),
				onUnseen: (unseen, seen) => latest.current.onUnseen?.(unseen, seen),
			},
		);
	}, [client, stream]);
}
