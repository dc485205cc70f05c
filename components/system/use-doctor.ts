"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { examine, type Rung, untestedRungs } from "#lib/live/doctor/examine.ts";
import { streamOf } from "#lib/protocol/index.ts";

export interface Doctor {
	rungs: readonly Rung[];
	/** When the test began, in milliseconds; null before the first. */
	startedAt: number | null;
	isRunning: boolean;
	testAgain: () => void;
}

/** Tests the three transports from this page, at once and whenever it is asked for. Leaving the page ends it. */
export function useDoctor(userId: string): Doctor {
	const [rungs, setRungs] = useState(untestedRungs);
	const [startedAt, setStartedAt] = useState<number | null>(null);
	const abort = useRef<AbortController>(undefined);

	const testAgain = useCallback(() => {
		abort.current?.abort();
		const own = new AbortController();
		abort.current = own;
		setRungs(untestedRungs);
		setStartedAt(Date.now());
		examine({
			origin: window.location.origin,
			stream: streamOf.user(userId),
			fetch: (...request) => window.fetch(...request),
			WebSocket: window.WebSocket,
			signal: own.signal,
			onChange: setRungs,
		}).catch((error: unknown) => {
			if (!own.signal.aborted) throw error;
		});
	}, [userId]);

	useEffect(() => {
		testAgain();
		return () => abort.current?.abort();
	}, [testAgain]);

	return { rungs, startedAt, isRunning: rungs.some(({ outcome }) => outcome === null), testAgain };
}
