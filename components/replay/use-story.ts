"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { client } from "../client.ts";
import { createReplay, type Replay } from "./replay.ts";

/** More is not loaded: the replay says so, and shows how it ended. */
const maxEvents = 20_000;

interface Story {
	replay: Replay;
	/** `cut`: there is more than is loaded. */
	status: "loading" | "whole" | "cut" | "failed";
	error: Error | null;
	retry: () => void;
}

/** Loads what a shared deployment did, page after page, while what is here can be watched already. */
export function useStory(token: string, final: DeploymentState): Story {
	const [replay] = useState(() => createReplay(final));
	const [status, setStatus] = useState<Story["status"]>("loading");
	const [error, setError] = useState<Error | null>(null);
	const [, setLoaded] = useState(0);
	const [tries, setTries] = useState(0);
	const place = useRef({ after: 0, count: 0 });

	// biome-ignore lint/correctness/useExhaustiveDependencies: it goes on when somebody asks again
	useEffect(() => {
		const stop = new AbortController();
		const load = async () => {
			while (place.current.count < maxEvents) {
				const page = await client.shared.story(token, { after: place.current.after }, stop.signal);
				if (stop.signal.aborted) return;
				replay.add(page.events);
				setLoaded((before) => before + page.events.length);
				if (page.next === null) return setStatus("whole");
				place.current = { after: page.next, count: place.current.count + page.events.length };
			}
			setStatus("cut");
		};
		setStatus("loading");
		setError(null);
		load().catch((cause: Error) => {
			if (stop.signal.aborted) return;
			setError(cause);
			setStatus("failed");
		});
		return () => stop.abort();
	}, [token, replay, tries]);

	const retry = useCallback(() => setTries((before) => before + 1), []);
	return { replay, status, error, retry };
}
