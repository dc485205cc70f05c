import { cn } from "../../ui/cn.ts";

type LineKind = "added" | "removed" | "place" | "same";

const looks: Readonly<Record<LineKind, string>> = {
	added: "bg-success-soft text-success",
	removed: "bg-danger-soft text-danger",
	place: "text-log-muted",
	same: "",
};

function kindOf(line: string): LineKind {
	if (line.startsWith("+")) return "added";
	if (line.startsWith("-")) return "removed";
	return line.startsWith("@@") ? "place" : "same";
}

/** A unified diff of one file: each changed line has a sign and a ground of its own. */
export function DiffView({ diff, label }: { diff: string; label: string }) {
	const lines = diff.replace(/\n$/, "").split("\n");
	const shown = lines.filter((line) => !/^(Index: |=+$|--- |\+\+\+ )/.test(line));
	return (
		<section
			aria-label={label}
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
			tabIndex={0}
			className="max-h-96 overflow-auto rounded-md bg-log py-2 font-mono text-[0.8125rem] text-log-foreground leading-5 focus-visible:-outline-offset-2"
		>
			<div className="w-max min-w-full">
				{shown.map((line, index) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: the lines of a diff never change their order
					<div key={index} className={cn("min-h-5 whitespace-pre px-3", looks[kindOf(line)])}>
						{line}
					</div>
				))}
			</div>
		</section>
	);
}
