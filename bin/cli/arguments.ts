import { parseArgs } from "node:util";
import type { Command, Flags, Option } from "./command.ts";
import { UsageError } from "./exit-code.ts";

export interface Arguments {
	words: string[];
	flags: Flags;
}

/** Options that every command has. */
const commonOptions: Readonly<Record<string, Option>> = {
	json: { type: "boolean", help: "One JSON object a line, for programs" },
	help: { type: "boolean", short: "h", help: "Show this" },
};

/** Reads what follows the command's name. Throws `UsageError` for what the command does not take. */
export function readArguments(command: Command, args: readonly string[]): Arguments {
	const options = Object.fromEntries(
		Object.entries({ ...command.options, ...commonOptions }).map(([name, { help, value, ...option }]) => [name, option]),
	);
	try {
		const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
		const [min, max] = command.words;
		if (values.help !== true && positionals.length < min) throw new UsageError(`“quayside ${command.name}” needs ${command.takes}.`);
		if (positionals.length > max) throw new UsageError(`“${positionals[max]}” is one word too many.`);
		return {
			words: positionals,
			flags: {
				has: (name) => values[name] === true,
				text: (name) => (typeof values[name] === "string" ? values[name] : undefined),
				list: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
			},
		};
	} catch (error) {
		if (error instanceof UsageError) throw error;
		throw new UsageError((error as Error).message.split(/[.'] To /)[0] ?? "The options cannot be read.");
	}
}

/** The help of one command. */
export function helpOf({ name, takes, summary, details = [], options }: Command): string {
	const rows = Object.entries({ ...options, ...commonOptions }).map(([option, { short, value, help }]) => [
		`${short ? `-${short}, ` : ""}--${option}${value ? ` ${value}` : ""}`,
		help,
	]);
	return [`quayside ${name} ${takes}`.trim(), "", summary, ...(details.length > 0 ? ["", ...details] : []), "", ...table(rows)].join("\n");
}

/** The help of everything. */
export function helpOfAll(commands: readonly Command[]): string {
	return [
		"quayside: deploy to your Quayside from the command line",
		"",
		...table(commands.map(({ name, takes, summary }) => [`${name} ${takes}`.trim(), summary])),
		"",
		"“quayside <command> --help” explains one of them. The server is the one of “quayside login”, or QUAYSIDE_URL and QUAYSIDE_TOKEN.",
		"Exit codes: 0 done, 1 failed, 2 wrong use, 3 cancelled, 130 stopped watching.",
	].join("\n");
}

/** Lines in two columns. */
function table(rows: readonly (readonly string[])[]): string[] {
	const width = Math.max(...rows.map(([first = ""]) => first.length));
	return rows.map(([first = "", second = ""]) => `  ${first.padEnd(width)}  ${second}`.trimEnd());
}
