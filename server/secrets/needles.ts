/** Shorter values would hide ordinary words, such as "true" or "8080". */
export const minSecretLength = 6;
const minEncodedLength = 8;
/** Longer spellings are looked for in pieces, so that the work and the text held back stay small. */
const maxNeedleLength = 1024;

/** Every spelling under which a secret value may turn up in output: itself, its lines, escaped for URLs and JSON, in base64. */
export function needlesOf(values: Iterable<string>): string[] {
	const needles = new Set<string>();
	const add = (needle: string, minLength: number): void => {
		if (needle.length < minLength) return;
		if (needle.length <= maxNeedleLength) needles.add(needle);
		else for (const piece of piecesOf(needle)) needles.add(piece);
	};
	for (const value of values) {
		const trimmed = value.trim();
		if (trimmed.length < minSecretLength) continue;
		add(value, minSecretLength);
		add(trimmed, minSecretLength);
		for (const line of trimmed.split(/\r?\n/)) add(line.trim(), minEncodedLength);
		const inUrl = encodeURIComponent(trimmed.toWellFormed());
		add(inUrl, minSecretLength);
		add(
			inUrl.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
			minSecretLength,
		);
		add(JSON.stringify(trimmed).slice(1, -1), minSecretLength);
		for (const needle of base64Needles(trimmed)) add(needle, minEncodedLength);
	}
	return [...needles];
}

/** A value inside a longer base64 text has three spellings, by where it begins; the characters it shares with its neighbours are left out. */
function base64Needles(value: string): string[] {
	const bytes = Buffer.from(value, "utf8");
	return [0, 1, 2].flatMap((offset) => {
		const end = Math.floor(((offset + bytes.length) * 8) / 6);
		const begin = Math.ceil((offset * 8) / 6);
		const text = Buffer.concat([Buffer.alloc(offset), bytes])
			.toString("base64")
			.slice(begin, end);
		return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
	});
}

/** Pieces of one length that cover the text; the last two overlap. */
function piecesOf(text: string): string[] {
	const starts = Array.from({ length: Math.floor(text.length / maxNeedleLength) }, (_, index) => index * maxNeedleLength);
	return [...starts, text.length - maxNeedleLength].map((start) => text.slice(start, start + maxNeedleLength));
}
