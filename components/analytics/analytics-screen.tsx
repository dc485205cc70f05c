"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { formatDuration } from "#lib/format.ts";
import type { AnalyticsView, DurationView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { NativeSelect } from "../ui/input.tsx";
import { Panel } from "../ui/panel.tsx";
import { DaysChart } from "./days-chart.tsx";
import { FailuresTable } from "./failures-table.tsx";
import { ModelsTable } from "./models-table.tsx";
import { StagesTable } from "./stages-table.tsx";

const choices = [7, 30, 90];

/** How deployments went: what was stored, counted; nothing that was not measured. */
export function AnalyticsScreen({ initial }: { initial: AnalyticsView }) {
	const [days, setDays] = useState(initial.days);
	const { data, error, isPlaceholderData } = useQuery({
		queryKey: listKeys.analytics(days),
		queryFn: () => client.deployments.analytics({ days }),
		initialData: days === initial.days ? initial : undefined,
		placeholderData: keepPreviousData,
	});
	const shown = data ?? initial;
	const ended = shown.totals.succeeded + shown.totals.failed + shown.totals.cancelled;
	return (
		<div className="grid grid-cols-1 gap-5" aria-busy={isPlaceholderData}>
			<div className="flex flex-wrap items-center justify-between gap-3">
				<h1 className="font-semibold text-2xl tracking-tight">Analytics</h1>
				<NativeSelect aria-label="Time" className="w-auto" value={days} onChange={(event) => setDays(Number(event.target.value))}>
					{choices.map((choice) => (
						<option key={choice} value={choice}>
							Last {choice} days
						</option>
					))}
				</NativeSelect>
			</div>
			<CallFailure error={error} />
			{ended === 0 ? (
				<p className="rounded-lg border border-input border-dashed px-4 py-8 text-center text-muted-foreground text-sm">
					No deployment ended in this time. Figures appear here with the first one.{" "}
					<Link href="/" className="text-info underline underline-offset-4">
						Deploy something
					</Link>
				</p>
			) : (
				<>
					<Headline view={shown} />
					<PanelBoundary what="chart">
						<DaysChart days={shown.byDay} />
					</PanelBoundary>
					<div className="grid grid-cols-1 gap-5 xl:grid-cols-2">
						<PanelBoundary what="table of stages">
							<StagesTable stages={shown.stages} />
						</PanelBoundary>
						<PanelBoundary what="table of failures">
							<FailuresTable failures={shown.failures} />
						</PanelBoundary>
					</div>
				</>
			)}
			{(ended > 0 || shown.models.byModel.length > 0) && (
				<PanelBoundary what="table of models">
					<ModelsTable models={shown.models} />
				</PanelBoundary>
			)}
		</div>
	);
}

function Headline({ view: { totals, duration, queued } }: { view: AnalyticsView }) {
	const judged = totals.succeeded + totals.failed;
	return (
		<Panel title="In short">
			<dl className="grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-4">
				<Figure
					name="Succeeded"
					value={judged === 0 ? "–" : `${Math.floor((totals.succeeded / judged) * 100)} %`}
					note={`${totals.succeeded} of ${judged}${totals.cancelled > 0 ? `, ${totals.cancelled} cancelled besides` : ""}`}
				/>
				<Figure name="Usual time to live" {...durationFigure(duration, "No deployment succeeded")} />
				<Figure name="Usual wait in the queue" {...durationFigure(queued, "None began")} />
				<Figure name="Under way now" value={String(totals.open)} note="queued, running or waiting for somebody" />
			</dl>
		</Panel>
	);
}

function durationFigure(duration: DurationView | null, none: string): { value: string; note: string } {
	return duration === null
		? { value: "–", note: none }
		: { value: formatDuration(duration.p50Ms), note: `95 of 100 within ${formatDuration(duration.p95Ms)}` };
}

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
	return (
		<div>
			<dt className="text-muted-foreground text-sm">{name}</dt>
			<dd>
				<span className="block font-semibold text-2xl tabular-nums tracking-tight">{value}</span>
				<span className="text-muted-foreground text-xs">{note}</span>
			</dd>
		</div>
	);
}
