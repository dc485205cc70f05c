import type { ParseArgsOptionsConfig } from "node:util";
import type { Client } from "../../lib/client/client.ts";
import type { Output } from "./output.ts";

/** One word of the command line: what it takes, what it says of itself, what it does. */
export interface Command {
	name: string;
	/** What follows the name: `<url | .>`. */
	takes: string;
	summary: string;
	/** Lines below the summary in its help. */
	details?: readonly string[];
	/** In the order in which help shows them. */
	options: Readonly<Record<string, Option>>;
	/** Bounds on the words that are no options. */
	words: readonly [min: number, max: number];
	/** Answers the exit code. Throws `UsageError`, `ClientError`. */
	run(call: Call): Promise<number>;
}

export type Option = ParseArgsOptionsConfig[string] & {
	/** What it does, in a few words. */
	help: string;
	/** What its value is called in help: `NAME=VALUE`. */
	value?: string;
};

/** One use of a command. */
export interface Call {
	words: readonly string[];
	flags: Flags;
	env: NodeJS.ProcessEnv;
	output: Output;
	/** Made when it is first asked for. Throws `UsageError` when there is no address or token. */
	client(): Promise<Client>;
	/** Aborts when the person stops watching. */
	signal: AbortSignal;
}

/** The options that were given. */
export interface Flags {
	has(name: string): boolean;
	text(name: string): string | undefined;
	list(name: string): readonly string[];
}
