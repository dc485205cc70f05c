"use client";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Nearer to the end than this counts as being there. */
const endTolerancePx = 24;

export interface Follow {
	following: boolean;
	/** What `count` was when the reader left the end. */
	seen: number;
	/** Rows that came since the reader left the end. */
	unseen: number;
	/** Goes to the end and stays there. */
	jump: () => void;
	/** Stops following, to go to a certain line. */
	leave: () => void;
}

/**
 * Stays at the end of a growing list until the reader scrolls up, and again once the reader is back at the end. Never moves
 * the view in between. `onHold` is told when the reader leaves the end (true) and is back at it.
 */
export function useFollow(
	pane: RefObject<HTMLElement | null>,
	count: number,
	contentHeight: number,
	initially: boolean,
	onHold: (held: boolean) => void,
): Follow {
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

	useEffect(() => onHold(!following), [following, onHold]);

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
	const latestCount = useRef(count);
	useEffect(() => {
		latestCount.current = count;
	});
	const leave = useCallback(() => {
		setFollowing(false);
		setSeen(latestCount.current);
	}, []);
	return { following, seen, unseen: following ? 0 : Math.max(0, count - seen), jump, leave };
}

/** True when the content does not fit into the pane, so that there is something to jump to. */
export function isLongerThan(pane: HTMLElement | null, contentHeight: number): boolean {
	return pane !== null && contentHeight > pane.clientHeight;
}
