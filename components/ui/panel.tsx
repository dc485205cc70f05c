import { type ReactNode, useId } from "react";
import { Card } from "./card.tsx";
import { cn } from "./cn.ts";

interface PanelProps {
	title: string;
	/** Beside the title. */
	action?: ReactNode;
	/** A sentence below the title. */
	about?: ReactNode;
	className?: string;
	children: ReactNode;
}

/** A titled part of a page on a ground of its own. */
export function Panel({ title, action, about, className, children }: PanelProps) {
	const id = useId();
	return (
		<section aria-labelledby={id} className="min-w-0">
			<Card className={cn("min-w-0 p-4", className)}>
				<div className="mb-3">
					<div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
						<h2 id={id} className="font-semibold">
							{title}
						</h2>
						{action}
					</div>
					{about && <p className="mt-1 text-muted-foreground text-sm">{about}</p>}
				</div>
				{children}
			</Card>
		</section>
	);
}
