/** What a message is made of. Markup beyond this stays text: nothing a model writes becomes a link, an image or HTML. */
export type Block =
	| { kind: "paragraph" | "heading"; spans: Span[] }
	| { kind: "list"; ordered: boolean; items: Span[][] }
	| { kind: "code"; language: string; text: string };

export interface Span {
	kind: "text" | "code" | "strong";
	text: string;
}

/** Reads paragraphs, headings, lists, fenced code, `code` and **strong** words of a message, also of one that is still growing. */
export function blocksOf(text: string): Block[] {
	const blocks: Block[] = [];
	const lines = text.split("\n");
	let fence: { mark: string; language: string; lines: string[] } | null = null;
	let open: Block | null = null;

	for (const line of lines) {
		if (fence) {
			if (line.trim() === fence.mark) {
				blocks.push(codeOf(fence));
				fence = null;
			} else fence.lines.push(line);
			continue;
		}
		const [, mark, language = ""] = /^\s*(```|~~~)\s*([\w+-]{0,20})\s*$/.exec(line) ?? [];
		if (mark) {
			fence = { mark, language, lines: [] };
			open = null;
		} else if (line.trim() === "") {
			open = null;
		} else {
			open = addLine(blocks, open, line);
		}
	}
	if (fence) blocks.push(codeOf(fence));
	return blocks;
}

const codeOf = ({ language, lines }: { language: string; lines: string[] }): Block => ({ kind: "code", language, text: lines.join("\n") });

/** Adds a line to the block that is open, or begins another; answers the one that is open then. */
function addLine(blocks: Block[], open: Block | null, line: string): Block | null {
	const heading = /^#{1,6}\s+(.+)$/.exec(line);
	if (heading) {
		blocks.push({ kind: "heading", spans: spansOf(heading[1] ?? "") });
		return null;
	}
	const item = /^\s*(?:([-*•])|\d{1,3}[.)])\s+(.+)$/.exec(line);
	if (item) {
		const ordered = item[1] === undefined;
		const spans = spansOf(item[2] ?? "");
		if (open?.kind === "list" && open.ordered === ordered) {
			open.items.push(spans);
			return open;
		}
		const list: Block = { kind: "list", ordered, items: [spans] };
		blocks.push(list);
		return list;
	}
	const last = open?.kind === "list" ? open.items.at(-1) : open?.kind === "paragraph" ? open.spans : undefined;
	if (last) {
		last.push({ kind: "text", text: " " }, ...spansOf(line.trim()));
		return open;
	}
	const paragraph: Block = { kind: "paragraph", spans: spansOf(line.trim()) };
	blocks.push(paragraph);
	return paragraph;
}

function spansOf(line: string): Span[] {
	const spans: Span[] = [];
	let at = 0;
	for (const found of line.matchAll(/`([^`]+)`|\*\*([^*]+)\*\*/g)) {
		if (found.index > at) spans.push({ kind: "text", text: line.slice(at, found.index) });
		spans.push(found[1] === undefined ? { kind: "strong", text: found[2] ?? "" } : { kind: "code", text: found[1] });
		at = found.index + found[0].length;
	}
	if (at < line.length) spans.push({ kind: "text", text: line.slice(at) });
	return spans;
}
