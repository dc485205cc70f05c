import type { RefObject } from "react";
import type { Command } from "../../commands/command-store.ts";
import { useCommands } from "../../commands/use-commands.ts";

interface LogCommands {
	search: RefObject<HTMLInputElement | null>;
	onFollow: () => void;
	onWrap: () => void;
	onTimestamps: () => void;
	/** Goes this many matches on; null while there is none. */
	onMatch: ((step: 1 | -1) => void) | null;
}

const group = "Log";

/** What can be done while a log is on the screen. */
export function useLogCommands({ search, onFollow, onWrap, onTimestamps, onMatch }: LogCommands): void {
	const always: Command[] = [
		{ id: "log follow", title: "Follow the newest line", group, keys: "f", also: "latest end bottom", run: onFollow },
		{ id: "log search", title: "Search the log", group, keys: "/", also: "find", run: () => search.current?.focus() },
		{ id: "log wrap", title: "Wrap long lines, or not", group, keys: "w", run: onWrap },
		{ id: "log times", title: "Show times, or not", group, keys: "t", also: "timestamps", run: onTimestamps },
	];
	const matching: Command[] = onMatch
		? [
				{ id: "log match after", title: "Next match", group, keys: "n", run: () => onMatch(1) },
				{ id: "log match before", title: "Match before", group, keys: "N", run: () => onMatch(-1) },
			]
		: [];
	useCommands([...always, ...matching]);
}
