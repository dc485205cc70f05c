import { stripVTControlCharacters, styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where results go: lines for people, of which nothing but colours reaches the terminal as a command, or one JSON object a line for programs. */
export interface Output {
	/** True for JSON. */
	readonly json: boolean;
	/** True when a person watches, so that a line may be written over. */
	readonly live: boolean;
	/** A line of the result, for people. */
	line(text?: string): void;
	/** A piece of the result, without an end of line. */
	raw(text: string): void;
	/** A line of the result, for programs. */
	record(value: object): void;
	/** What is going on, which is no part of the result. */
	note(text: string): void;
	/** The line that is written over; an empty one takes it away. */
	status(text: string): void;
	style(style: Style, text: string): string;
}

export interface Terminal {
	stdout: NodeJS.WriteStream;
	stderr: NodeJS.WriteStream;
	env: NodeJS.ProcessEnv;
}

const clearLine = "\r\u001b[2K";
/** What may drive a terminal, other than colours: logs and messages hold whatever a build or an app prints. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const driving = /\u001b(?!\[[\d;:]*m)|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const begun = /\u001b(?:\[[\d;:]*)?$/;
const harmless = (text: string): string => text.replace(driving, "");

export function openOutput({ stdout, stderr, env }: Terminal, json: boolean): Output {
	const live = stderr.isTTY === true && !json && env.TERM !== "dumb" && !env.CI;
	const colour = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
	let shown = "";
	/** The beginning of a colour whose end comes with the next piece. */
	let held = "";
	const wipe = (): void => {
		if (shown !== "") stderr.write(clearLine);
	};
	const restore = (): void => {
		if (shown !== "") stderr.write(shown);
	};
	const around = (write: () => void): void => {
		wipe();
		write();
		restore();
	};
	return {
		json,
		live,
		line: (text = "") => around(() => stdout.write(`${harmless(text)}\n`)),
		raw(text) {
			const whole = held + text;
			held = begun.exec(whole)?.[0] ?? "";
			around(() => stdout.write(harmless(whole.slice(0, whole.length - held.length))));
		},
		record: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
		note: (text) => around(() => stderr.write(`${harmless(text)}\n`)),
		status(text) {
			if (!live) return;
			wipe();
			shown = cut(harmless(text), stderr.columns ?? 80);
			restore();
		},
		style: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
	};
}

/** A line that wraps could not be written over. */
function cut(text: string, columns: number): string {
	const plain = stripVTControlCharacters(text);
	return plain.length < columns ? text : `${plain.slice(0, Math.max(0, columns - 2))}…`;
}
