/** The beginning of a text, of at most so many bytes as JSON: what is told has to fit into an event, whoever wrote its words. */
export function cutTo(maxBytes: number, text: string): string {
	let cut = text.slice(0, maxBytes);
	while (Buffer.byteLength(JSON.stringify(cut)) > maxBytes) cut = cut.slice(0, Math.floor(cut.length * 0.75));
	return cut.length < text.length ? `${cut.toWellFormed()}…` : text;
}
