import type { AnalyticsView } from "#lib/protocol/index.ts";
import { Panel } from "../ui/panel.tsx";

type Day = AnalyticsView["byDay"][number];

const parts = [
	{ key: "failed", name: "Failed", colour: "bg-danger-solid" },
	{ key: "cancelled", name: "Cancelled", colour: "bg-muted-foreground" },
	{ key: "succeeded", name: "Succeeded", colour: "bg-success" },
] as const;

const totalOf = (day: Day): number => day.succeeded + day.failed + day.cancelled;

/** Deployments by the day they were submitted, as columns, and the same as a table for those who read. */
export function DaysChart({ days }: { days: AnalyticsView["byDay"] }) {
	const most = Math.max(1, ...days.map(totalOf));
	return (
		<Panel
			title="By day"
			action={
				<ul className="flex flex-wrap gap-4 text-muted-foreground text-xs">
					{parts.toReversed().map(({ key, name, colour }) => (
						<li key={key} className="flex items-center gap-1.5">
							<span aria-hidden="true" className={`size-2.5 rounded-sm ${colour}`} />
							{name}
						</li>
					))}
				</ul>
			}
		>
			<div aria-hidden="true" className="flex h-40 items-end gap-px sm:gap-0.5">
				{days.map((day) => (
					<div
						key={day.day}
						title={`${day.day}: ${day.succeeded} succeeded, ${day.failed} failed, ${day.cancelled} cancelled`}
						className="flex h-full min-w-0 flex-1 flex-col justify-end border-border border-b hover:bg-sunken"
					>
						{parts.map(({ key, colour }) => (
							<span key={key} className={colour} style={{ height: `${(day[key] / most) * 100}%` }} />
						))}
					</div>
				))}
			</div>
			<p aria-hidden="true" className="mt-1.5 flex justify-between text-muted-foreground text-xs">
				<span>{days[0]?.day}</span>
				<span>{days.at(-1)?.day}</span>
			</p>
			<details className="mt-3 text-sm">
				<summary className="w-fit cursor-pointer py-1 text-muted-foreground">The same as a table</summary>
				<table className="mt-2 w-full max-w-xl">
					<thead>
						<tr className="border-border border-b text-left text-muted-foreground">
							<th className="py-1.5 font-normal">Day (UTC)</th>
							{parts.toReversed().map(({ key, name }) => (
								<th key={key} className="py-1.5 text-right font-normal">
									{name}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{days
							.filter((day) => totalOf(day) > 0)
							.toReversed()
							.map((day) => (
								<tr key={day.day} className="border-border border-b last:border-0">
									<td className="py-1.5">{day.day}</td>
									{parts.toReversed().map(({ key }) => (
										<td key={key} className="py-1.5 text-right tabular-nums">
											{day[key]}
										</td>
									))}
								</tr>
							))}
					</tbody>
				</table>
			</details>
		</Panel>
	);
}
