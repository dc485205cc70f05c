import { CodeView } from "../../plan/code-view.tsx";
import { languageOf } from "../../plan/highlight.ts";
import { type Block, blocksOf, type Span } from "./prose.ts";

/** A message as people read it. */
export function Prose({ text }: { text: string }) {
	return (
		<div className="grid min-w-0 grid-cols-1 gap-2 text-sm leading-6">
			{blocksOf(text).map((block, index) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a message only grows at its end
				<BlockView key={index} block={block} />
			))}
		</div>
	);
}

function BlockView({ block }: { block: Block }) {
	if (block.kind === "code")
		return <CodeView text={block.text} language={languageOf(`x.${block.language || "txt"}`)} label="Code" className="max-h-80" />;
	if (block.kind === "list") {
		const List = block.ordered ? "ol" : "ul";
		return (
			<List className={block.ordered ? "list-decimal pl-6" : "list-disc pl-5"}>
				{block.items.map((spans, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: as above
					<li key={index} className="break-words">
						<Spans spans={spans} />
					</li>
				))}
			</List>
		);
	}
	return (
		<p className={block.kind === "heading" ? "break-words font-semibold" : "break-words"}>
			<Spans spans={block.spans} />
		</p>
	);
}

function Spans({ spans }: { spans: readonly Span[] }) {
	return spans.map(({ kind, text }, index) => {
		const key = `${index} ${kind}`;
		if (kind === "code")
			return (
				<code key={key} className="rounded-sm bg-sunken px-1 py-0.5 font-mono text-[0.8125rem]">
					{text}
				</code>
			);
		return kind === "strong" ? <strong key={key}>{text}</strong> : text;
	});
}
