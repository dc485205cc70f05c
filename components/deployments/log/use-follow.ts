"use client";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Nearer to the end than this counts as being there. */
const endTolerancePx = 24;

export interface Follow {
	following: boolean;
	/** Rows that came since the reader left the end. */
	unseen: number;
	/** Goes to the end and stays there. */
	jump: () => void;
	/** Stops following, to go to a certain line. */
	leave: () => void;
}

/**
 * Stays at the end of a growing list until the reader scrolls up, and again once the reader is back at the end. Never moves
 * the view in between.
 */
export function useFollow(pane: RefObject<HTMLElement | null>, count: number, contentHeight: number, initially: boolean): Follow {
	const [following, setFollowing] = useState(initially);
	const [seen, setSeen] = useState(count);
	const lastTop = useRef(0);

	useEffect(() => {
		const element = pane.current;
		if (!element) return;
		const onScroll = () => {
			const fromEnd = element.scrollHeight - element.clientHeight - element.scrollTop;
			if (fromEnd <= endTolerancePx) setFollowing(true);
			else if (element.scrollTop < lastTop.current - 1) setFollowing(false);
			lastTop.current = element.scrollTop;
		};
		element.addEventListener("scroll", onScroll, { passive: true });
		return () => element.removeEventListener("scroll", onScroll);
	}, [pane]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: the view follows whenever the content has grown
	useLayoutEffect(() => {
		if (!following) return;
		const element = pane.current;
		if (element) element.scrollTop = element.scrollHeight;
		setSeen(count);
	}, [following, count, contentHeight, pane]);

	const jump = useCallback(() => {
		const element = pane.current;
		if (element) element.scrollTop = element.scrollHeight;
		setFollowing(true);
	}, [pane]);
	const leave = useCallback(() => setFollowing(false), []);
	return { following, unseen: following ? 0 : Math.max(0, count - seen), jump, leave };
}
