"use client";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from "react";

/** At most one message in this time, so that a screen reader is never talked over. */
const pauseMs = 3000;
const maxWaiting = 20;

const Announce = createContext<(message: string) => void>(() => {});

/** The app's one polite live region. What comes while it is quiet is said together afterwards. */
export function Announcer({ children }: { children: ReactNode }) {
	const [spoken, setSpoken] = useState("");
	const waiting = useRef<string[]>([]);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

	const speak = useCallback(() => {
		timer.current = undefined;
		if (waiting.current.length === 0) return;
		setSpoken(waiting.current.splice(0).join(" "));
		timer.current = setTimeout(speak, pauseMs);
	}, []);
	const announce = useCallback(
		(message: string) => {
			if (waiting.current.length < maxWaiting) waiting.current.push(message);
			if (timer.current === undefined) speak();
		},
		[speak],
	);
	useEffect(() => () => clearTimeout(timer.current), []);

	return (
		<Announce.Provider value={announce}>
			{children}
			<div role="status" aria-live="polite" className="sr-only" data-announcer>
				{spoken}
			</div>
		</Announce.Provider>
	);
}

/** Says a sentence in the polite live region. */
export function useAnnounce(): (message: string) => void {
	return useContext(Announce);
}
