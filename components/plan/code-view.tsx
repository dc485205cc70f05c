import { cn } from "../ui/cn.ts";
import { type Language, type TokenKind, tokensOf } from "./highlight.ts";

const inks: Readonly<Record<TokenKind, string>> = {
	plain: "",
	keyword: "text-ansi-magenta font-semibold",
	string: "text-ansi-green",
	comment: "text-log-muted italic",
	number: "text-ansi-yellow",
	name: "text-ansi-blue",
	added: "text-ansi-green",
	removed: "text-ansi-red",
};

/** A file with its line numbers and its words told apart. Rendered as text, never as markup. */
export function CodeView({ text, language, label, className }: { text: string; language: Language; label: string; className?: string }) {
	const lines = text.replace(/\n$/, "").split("\n");
	return (
		<section
			aria-label={label}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
			tabIndex={0}
			className={cn(
				"overflow-auto rounded-md bg-log py-3 font-mono text-[0.8125rem] text-log-foreground leading-5 focus-visible:-outline-offset-2",
				className,
			)}
		>
			<ol className="w-max min-w-full">
				{lines.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: the lines of a file never change their order
					<li key={index} className="flex px-3">
						<span aria-hidden="true" className="w-[4ch] shrink-0 select-none pr-[1ch] text-right text-log-muted">
							{index + 1}
						</span>
						<code className="min-h-5 whitespace-pre">
							{tokensOf(line, language).map(({ text: piece, kind }, place) =>
								kind === "plain" ? (
									piece
								) : (
									// biome-ignore lint/suspicious/noArrayIndexKey: as above
									<span key={place} className={inks[kind]}>
										{piece}
									</span>
								),
							)}
						</code>
					</li>
				))}
			</ol>
		</section>
	);
}
