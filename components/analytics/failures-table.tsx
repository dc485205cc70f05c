import Link from "next/link";
import type { AnalyticsView } from "#lib/protocol/index.ts";
import { Panel } from "../ui/panel.tsx";

/** Why deployments failed, the most frequent cause first, each with the newest one to look at. */
export function FailuresTable({ failures }: { failures: AnalyticsView["failures"] }) {
	return (
		<Panel title="Why they failed">
			{failures.length === 0 ? (
				<p className="text-muted-foreground text-sm">None failed in this time.</p>
			) : (
				<ul className="divide-y divide-border text-sm">
					{failures.map(({ code, cause, message, latest, count }) => (
						<li key={`${code} ${cause}`} className="grid grid-cols-[3rem_minmax(0,1fr)] gap-3 py-2.5">
							<span className="text-right font-semibold tabular-nums">{count} ×</span>
							<span>
								<Link href={`/deployments/${latest}`} className="line-clamp-2 break-words underline underline-offset-4 hover:text-info">
									{message}
								</Link>
							</span>
						</li>
					))}
				</ul>
			)}
		</Panel>
	);
}
