import Anser from "anser";

/** A piece of a log line with its look. Always rendered as text, never as markup. */
export interface LogSegment {
	text: string;
	className: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal control sequences are what this is about
const operatingSystemCommands = /\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; colours (…m) stay
const cursorMoves = /\u001b\[[0-?]*[ -/]*[@-ln-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const colours = /\u001b\[[0-9;:]*m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above; tab, carriage return and escape stay
const otherControls = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f]/g;

/** What a terminal shows of a line: progress that was overwritten with `\r` is gone, its last state stays. */
function settle(raw: string): string {
	const text = raw.replace(operatingSystemCommands, "").replace(cursorMoves, "").replace(otherControls, "");
	if (!text.includes("\r")) return text;
	const states = text.split("\r");
	for (let index = states.length - 1; index >= 0; index--) {
		const state = states[index] ?? "";
		if (state.replace(colours, "").trim() !== "") return state;
	}
	return "";
}

/** The line without any control sequence, for search and copy. */
export function plainText(raw: string): string {
	return settle(raw).replace(colours, "").replaceAll("\u001b", "");
}

/** The line as pieces with the classes of their ANSI colours. */
export function toSegments(raw: string): LogSegment[] {
	const text = settle(raw);
	if (!text.includes("\u001b")) return text === "" ? [] : [{ text, className: "" }];
	return Anser.ansiToJson(text, { json: true, use_classes: true, remove_empty: true }).map((entry) => ({
		text: entry.content,
		className: classOf(entry),
	}));
}

/** Light and dark ground need other colours than a terminal has, so every one maps onto the theme's eight. */
const colourClasses: Readonly<Record<string, string>> = {
	black: "text-ansi-black",
	red: "text-ansi-red",
	green: "text-ansi-green",
	yellow: "text-ansi-yellow",
	blue: "text-ansi-blue",
	magenta: "text-ansi-magenta",
	cyan: "text-ansi-cyan",
	white: "text-ansi-white",
};

const decorationClasses: Readonly<Record<string, string>> = {
	bold: "font-bold",
	italic: "italic",
	underline: "underline",
	strikethrough: "line-through",
	reverse: "font-bold underline decoration-dotted",
};

function classOf({ fg, bg, decorations }: Anser.AnserJsonEntry): string {
	const colour = colourClasses[nameOf(fg)] ?? colourClasses[nameOf(bg)];
	return [colour, ...decorations.map((decoration) => decorationClasses[decoration])].filter(Boolean).join(" ");
}

/** `ansi-bright-red` → `red`; a colour of the 256-colour palette keeps the theme's ink, which is always readable. */
function nameOf(colour: string | null): string {
	return colour?.replace(/^ansi-(?:bright-)?/, "") ?? "";
}
