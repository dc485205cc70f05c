"use client";
import { createContext, useContext, useEffect, useRef, useSyncExternalStore } from "react";
import { type Command, type CommandStore, createCommandStore } from "./command-store.ts";

export const CommandContext = createContext<CommandStore>(createCommandStore());

/** Offers commands for as long as the caller is on the screen. They may be new objects at each render. */
export function useCommands(commands: readonly Command[]): void {
	const store = useContext(CommandContext);
	const latest = useRef(commands);
	useEffect(() => {
		latest.current = commands;
	});
	const shown = commands.map(({ id, title, keys }) => `${id} ${title} ${keys}`).join("\n");
	// biome-ignore lint/correctness/useExhaustiveDependencies: who shows them must look again when what is shown of them has changed
	useEffect(
		() => store.add(() => latest.current.map((command, index) => ({ ...command, run: () => latest.current[index]?.run() }))),
		[store, shown],
	);
}

/** `useCommands` where only a component fits, such as inside a render function. */
export function OfferCommands({ commands }: { commands: readonly Command[] }): null {
	useCommands(commands);
	return null;
}

/** Everything that can be done now, for those who show it. */
export function useAllCommands(): readonly Command[] {
	const store = useContext(CommandContext);
	return useSyncExternalStore(store.subscribe, store.all, store.all);
}
