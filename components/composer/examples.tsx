import { ArrowRight } from "lucide-react";
import type { Example } from "#lib/protocol/index.ts";

interface ExamplesProps {
	examples: readonly Example[];
	disabled: boolean;
	onChoose: (example: Example) => void;
}

/** Repositories to try with one click. */
export function Examples({ examples, disabled, onChoose }: ExamplesProps) {
	if (examples.length === 0) return null;
	return (
		<div>
			<h2 className="chart-label">Or try one with a click</h2>
			<ul className="mt-3 grid gap-2">
				{examples.map((example) => (
					<li key={example.id}>
						<button
							type="button"
							disabled={disabled}
							data-example={example.id}
							onClick={() => onChoose(example)}
							className="group flex w-full items-center justify-between gap-4 rounded-md border border-border bg-surface px-4 py-3 text-left enabled:hover:border-input enabled:hover:bg-sunken disabled:opacity-60"
						>
							<span className="min-w-0">
								<span className="block font-medium text-sm">{example.name}</span>
								<span className="block text-muted-foreground text-xs">{example.description}</span>
							</span>
							<ArrowRight aria-hidden="true" className="size-4 shrink-0 text-muted-foreground" />
						</button>
					</li>
				))}
			</ul>
		</div>
	);
}
