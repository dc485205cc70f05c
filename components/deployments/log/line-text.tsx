import { type LogSegment, plainText, toSegments } from "./log-text.ts";

/** What a line of output says: in its colours, or, while words are searched for, with those marked. */
export function LineText({ raw, query }: { raw: string; query: string }) {
	return query === "" ? <Segments segments={toSegments(raw)} /> : <Marked text={plainText(raw)} query={query} />;
}

function Segments({ segments }: { segments: LogSegment[] }) {
	return segments.map(({ text, className }, index) =>
		className === "" ? (
			text
		) : (
			// biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a line never change their order
			<span key={index} className={className}>
				{text}
			</span>
		),
	);
}

/** The line with every occurrence of the words marked. */
function Marked({ text, query }: { text: string; query: string }) {
	const wanted = query.toLowerCase();
	const lower = text.toLowerCase();
	const pieces = [];
	let from = 0;
	for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
		pieces.push(
			text.slice(from, at),
			<mark key={at} className="rounded-xs bg-primary text-primary-foreground">
				{text.slice(at, at + query.length)}
			</mark>,
		);
		from = at + query.length;
	}
	return [...pieces, text.slice(from)];
}
