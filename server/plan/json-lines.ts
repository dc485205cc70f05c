const maxKeyLength = 500;

/** The number of the line, from 1, on which the key at this path of a JSON text is written, or null. */
export function lineOfKey(text: string, ...path: string[]): number | null {
	let at = 0;
	for (const key of path) {
		if (key.length > maxKeyLength) return null;
		const found = new RegExp(`${RegExp.escape(JSON.stringify(key))}\\s*:`).exec(text.slice(at));
		if (!found) return null;
		at += found.index + 1;
	}
	return path.length === 0 ? null : text.slice(0, at).split("\n").length;
}

/** The number of the line, from 1, that makes a text no JSON. The text must be broken. */
export function lineOfSyntaxError(text: string): number {
	const told = /\(line (\d+) column/.exec(syntaxError(text))?.[1];
	return told === undefined ? firstBadLine(text) : Number(told);
}

function firstBadLine(text: string): number {
	const lines = text.trimEnd().split("\n");
	let good = 0;
	let bad = lines.length;
	while (bad - good > 1) {
		const middle = Math.floor((good + bad) / 2);
		if (isBeginning(lines.slice(0, middle).join("\n"))) good = middle;
		else bad = middle;
	}
	return bad;
}

/** True when more text could make JSON of this one: whatever is wrong with it is wrong at its end. */
function isBeginning(text: string): boolean {
	const message = syntaxError(text);
	const position = /at position (\d+)/.exec(message)?.[1];
	return message === "" || /end of JSON|Unterminated string/.test(message) || Number(position ?? -1) >= text.trimEnd().length;
}

function syntaxError(text: string): string {
	try {
		JSON.parse(text);
		return "";
	} catch (error) {
		return error instanceof Error ? error.message : "";
	}
}
