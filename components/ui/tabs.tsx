"use client";
import { type ComponentProps, createContext, type KeyboardEvent, useContext, useEffect, useId, useRef } from "react";
import { cn } from "./cn.ts";

/** Tabs by the ARIA pattern: one tab stop, arrow keys, Home and End. Only the panel that is chosen is rendered. */

interface TabsState {
	id: string;
	value: string;
	choose: (value: string) => void;
}

const TabsContext = createContext<TabsState>({ id: "", value: "", choose: () => {} });

interface TabsProps extends Omit<ComponentProps<"div">, "onChange"> {
	value: string;
	onValueChange: (value: string) => void;
}

export function Tabs({ value, onValueChange, ...props }: TabsProps) {
	const id = useId();
	return (
		<TabsContext value={{ id, value, choose: onValueChange }}>
			<div {...props} />
		</TabsContext>
	);
}

export function TabsList({ className, ...props }: ComponentProps<"div"> & { "aria-label": string }) {
	const list = useRef<HTMLDivElement>(null);
	const { value } = useContext(TabsContext);
	// On a narrow screen the row scrolls: the chosen tab is brought into it, and nothing else on the page moves.
	useEffect(() => {
		const [row, tab] = [list.current, list.current?.querySelector<HTMLElement>(`[data-tab="${value}"]`)];
		if (!row || !tab) return;
		const [shown, chosen] = [row.getBoundingClientRect(), tab.getBoundingClientRect()];
		if (chosen.left < shown.left || chosen.right > shown.right)
			row.scrollLeft += chosen.left - shown.left - (shown.width - chosen.width) / 2;
	}, [value]);
	function move(event: KeyboardEvent<HTMLDivElement>) {
		const tabs = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("[role=tab]")];
		const at = tabs.indexOf(document.activeElement as HTMLButtonElement);
		const next = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at - 1 + tabs.length) % tabs.length, Home: 0, End: tabs.length - 1 }[
			event.key
		];
		if (at < 0 || next === undefined) return;
		event.preventDefault();
		tabs[next]?.focus();
		tabs[next]?.click();
	}
	return (
		<div
			ref={list}
			role="tablist"
			onKeyDown={move}
			className={cn("flex gap-1 overflow-x-auto border-border border-b", className)}
			{...props}
		/>
	);
}

export function TabsTrigger({ value, className, ...props }: ComponentProps<"button"> & { value: string }) {
	const { id, value: chosen, choose } = useContext(TabsContext);
	const selected = chosen === value;
	return (
		<button
			type="button"
			role="tab"
			data-tab={value}
			id={`${id}-${value}`}
			aria-selected={selected}
			aria-controls={selected ? `${id}-${value}-panel` : undefined}
			tabIndex={selected ? 0 : -1}
			onClick={() => choose(value)}
			className={cn(
				"inline-flex h-10 shrink-0 items-center gap-2 border-transparent border-b-2 px-3 text-muted-foreground text-sm hover:text-foreground focus-visible:-outline-offset-2 aria-selected:border-foreground aria-selected:font-medium aria-selected:text-foreground pointer-coarse:h-11 [&_svg]:size-4",
				className,
			)}
			{...props}
		/>
	);
}

export function TabsContent({ value, ...props }: ComponentProps<"div"> & { value: string }) {
	const { id, value: chosen } = useContext(TabsContext);
	if (chosen !== value) return null;
	return <div role="tabpanel" id={`${id}-${value}-panel`} aria-labelledby={`${id}-${value}`} {...props} />;
}
