/** Something a person can do on this page, by its name in the palette or by its keys. */
export interface Command {
	id: string;
	title: string;
	group: CommandGroup;
	/** Keys as they are typed, apart by spaces when one follows the other: `n`, `g p`. Upper case means with Shift. */
	keys?: string;
	/** Other words that find it in the palette. */
	also?: string;
	run: () => void;
}

/** In the order in which they are shown. */
export const commandGroups = ["This deployment", "Go to", "On this page", "Log", "Quayside"] as const;
export type CommandGroup = (typeof commandGroups)[number];

/** What can be done right now: every part of the page adds its own while it is on the screen. */
export interface CommandStore {
	/** Adds commands, read anew each time they are needed; answers the function that takes them away. */
	add(read: () => readonly Command[]): () => void;
	/**
	 * The same array until something is added or taken away. Of two commands with one id the later one counts; of two with the same keys
	 * the later one has them, so that a part of the page may take a key from the whole.
	 */
	all(): readonly Command[];
	subscribe(listener: () => void): () => void;
}

export function createCommandStore(): CommandStore {
	const sources = new Set<() => readonly Command[]>();
	const listeners = new Set<() => void>();
	let known: readonly Command[] | null = null;

	function changed(): void {
		known = null;
		for (const listener of listeners) listener();
	}

	return {
		add(read) {
			sources.add(read);
			changed();
			return () => {
				sources.delete(read);
				changed();
			};
		},
		all() {
			known ??= withOwnKeys([...new Map([...sources].flatMap((read) => read()).map((command) => [command.id, command])).values()]);
			return known;
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

function withOwnKeys(commands: readonly Command[]): Command[] {
	const last = new Map(commands.map(({ keys, id }) => [keys, id]));
	return commands.map((command) => (last.get(command.keys) === command.id ? command : { ...command, keys: undefined }));
}
