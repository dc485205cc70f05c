"use client";
import { usePathname } from "next/navigation";
import { lazy, Suspense, useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { type StreamEvent, streamOf } from "#lib/protocol/index.ts";
import { useAttention } from "../attention/attention-provider.tsx";
import { useStream } from "../live/use-stream.ts";
import { useAnnounce } from "../shell/announcer.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Button } from "../ui/button.tsx";
import { desktop } from "./desktop.ts";
import { type News, newsOf } from "./news.ts";
import type { Toast } from "./toast-list.tsx";
import { claim } from "./told-once.ts";

// Comes with the first news.
const ToastList = lazy(() => import("./toast-list.tsx").then((module) => ({ default: module.ToastList })));

const maxToasts = 3;
/** A tab that nobody sees lets one that somebody sees go first. */
const deferMs = 500;
const question = "ask";
/** Nobody looks elsewhere for a deployment that takes less. */
const askAfterMs = 3000;

/** Tells people what happened where they do not look: inside the page, and on the desktop when no tab is in front. */
export function Notifications({ userId }: { userId: string }) {
	const path = usePathname();
	const announce = useAnnounce();
	const [toasts, setToasts] = useState<readonly Toast[]>([]);
	const close = useCallback((id: string) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
	const add = (toast: Toast) => setToasts((shown) => [...shown.filter(({ id }) => id !== toast.id), toast].slice(-maxToasts));
	const seen = useRef(new Set<string>());
	const asked = useRef<{ about: string | null; timer?: ReturnType<typeof setTimeout> }>({ about: null });
	useEffect(() => () => clearTimeout(asked.current.timer), []);

	function tell(news: News, event: StreamEvent) {
		// What the page shows already needs no second voice.
		if (seen.current.has(news.id) || news.href === path) return;
		seen.current.add(news.id);
		// The bar of questions says it, and stays until it is answered.
		if (event.type === "approval_requested") return announce(news.title);
		add({ id: news.id, tone: news.tone, text: news.title, href: news.href, stays: news.tone !== "success" });
		announce(news.title);
	}

	function onEvent(event: StreamEvent) {
		if (event.type === "deployment_started" && desktop.state() === "ask") {
			clearTimeout(asked.current.timer);
			const timer = setTimeout(() => add(askToast(() => close(question))), askAfterMs);
			asked.current = { about: event.deployment_id, timer };
		}
		// What it asks about is over: the next one that takes its time asks again.
		if (event.type === "deployment_completed" && event.deployment_id === asked.current.about) {
			clearTimeout(asked.current.timer);
			close(question);
		}
		const news = newsOf(event);
		if (!news) return;
		tell(news, event);
		if (desktop.state() === "on") void tellDesktop(news);
	}

	useStream(streamOf.user(userId), { onEvents: (events) => events.forEach(onEvent) });
	const { settle } = useAttention();
	const dismiss = useCallback(
		(id: string) => {
			// Whoever closes it has seen it.
			settle((event) => event.id === id);
			// A question that is closed is answered: nobody is asked twice.
			if (id === question) desktop.disable();
			close(id);
		},
		[close, settle],
	);
	const isAsked = useSyncExternalStore(desktop.subscribe, desktop.state, () => "off" as const) === "ask";
	// A question that was answered in one tab is no question in the others.
	const shown = isAsked ? toasts : toasts.filter(({ id }) => id !== question);
	return (
		shown.length > 0 && (
			<PanelBoundary what="news">
				<Suspense fallback={null}>
					<ToastList toasts={shown} onClose={dismiss} />
				</Suspense>
			</PanelBoundary>
		)
	);
}

/** One notification for all tabs, and none where a tab in front has shown it. */
async function tellDesktop(news: News): Promise<void> {
	const isInFront = () => document.visibilityState === "visible" && document.hasFocus();
	if (!isInFront()) await new Promise((resolve) => setTimeout(resolve, deferMs));
	const isFirst = await claim(news.id, { locks: navigator.locks, storage: window.localStorage });
	if (isFirst && !isInFront()) desktop.show(news.title, news.id, news.href);
}

function askToast(close: () => void): Toast {
	const answer = (act: () => unknown) => () => {
		close();
		void act();
	};
	return {
		id: question,
		tone: "neutral",
		text: "Shall your desktop tell you when a deployment has ended, so that you can look elsewhere meanwhile?",
		href: null,
		stays: true,
		actions: (
			<>
				<Button size="sm" variant="outline" onClick={answer(desktop.enable)}>
					Notify me
				</Button>
				<Button size="sm" variant="ghost" onClick={answer(desktop.disable)}>
					No, thanks
				</Button>
			</>
		),
	};
}
