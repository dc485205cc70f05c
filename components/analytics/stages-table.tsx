import { formatDuration } from "#lib/format.ts";
import type { AnalyticsView } from "#lib/protocol/index.ts";
import { stageWords } from "../deployments/words.ts";
import { Panel } from "../ui/panel.tsx";

/** Where the time goes: each stage with its usual time as a bar, and how often it failed. */
export function StagesTable({ stages }: { stages: AnalyticsView["stages"] }) {
	const longest = Math.max(1, ...stages.map(({ duration }) => duration?.p50Ms ?? 0));
	return (
		<Panel title="Stages" about="Time of stages that did their work anew; what was taken over from an earlier deployment does not count.">
			<table className="w-full text-sm">
				<thead>
					<tr className="border-border border-b text-left text-muted-foreground">
						<th className="py-1.5 font-normal">Stage</th>
						<th className="py-1.5 font-normal">Usually</th>
						<th className="hidden py-1.5 text-right font-normal sm:table-cell">95 of 100 within</th>
						<th className="py-1.5 text-right font-normal">Failed</th>
					</tr>
				</thead>
				<tbody>
					{stages.map(({ stage, failed, duration }) => (
						<tr key={stage} className="border-border border-b last:border-0">
							<th scope="row" className="w-20 py-2 text-left font-medium">
								{stageWords[stage].name}
							</th>
							<td className="py-2 pr-4">
								{duration === null ? (
									<span className="text-muted-foreground">not measured</span>
								) : (
									<span className="flex items-center gap-2">
										<span aria-hidden="true" className="h-2 flex-1">
											<span
												className="block h-2 rounded-full bg-info"
												style={{ width: `${Math.max(1, (duration.p50Ms / longest) * 100)}%` }}
											/>
										</span>
										<span className="w-16 shrink-0 text-right tabular-nums">{formatDuration(duration.p50Ms)}</span>
									</span>
								)}
							</td>
							<td className="hidden py-2 text-right text-muted-foreground tabular-nums sm:table-cell">
								{duration === null ? "–" : formatDuration(duration.p95Ms)}
							</td>
							<td className="py-2 text-right tabular-nums">{failed}</td>
						</tr>
					))}
				</tbody>
			</table>
		</Panel>
	);
}
