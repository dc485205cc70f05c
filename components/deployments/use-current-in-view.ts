"use client";
import { type RefObject, useEffect } from "react";

/** Keeps the item marked with `data-current` in view within its own row, where the row is wider than the screen. */
export function useCurrentInView(row: RefObject<HTMLElement | null>, current: string): void {
	// biome-ignore lint/correctness/useExhaustiveDependencies: the row moves whenever another item is the current one
	useEffect(() => {
		const item = row.current?.querySelector<HTMLElement>("[data-current]");
		if (!row.current || !item) return;
		const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
		const box = row.current.getBoundingClientRect();
		const offset = item.getBoundingClientRect().left - box.left - (box.width - item.offsetWidth) / 2;
		row.current.scrollBy({ left: offset, behavior: calm ? "auto" : "smooth" });
	}, [row, current]);
}
