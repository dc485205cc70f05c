"use client";
import { CircleCheck, CircleDashed, CircleX, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import type { Rung } from "#lib/live/doctor/examine.ts";
import { explainFault } from "#lib/live/doctor/fault.ts";
import { rungNames } from "#lib/live/doctor/probe.ts";
import { qualityOf } from "#lib/live/quality.ts";
import { qualityNames } from "../live/status-words.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";

const looks = {
	waiting: { text: "Waits", tone: "neutral", Icon: CircleDashed },
	running: { text: "Testing", tone: "info", Icon: LoaderCircle },
	works: { text: "Works", tone: "success", Icon: CircleCheck },
	fails: { text: "Does not work", tone: "danger", Icon: CircleX },
} as const satisfies Record<Rung["state"], { text: string; tone: Tone; Icon: typeof CircleCheck }>;

/** One transport: what was seen while it was tested, and what became of it. */
export function RungCard({ rung: { kind, state, notes, outcome } }: { rung: Rung }) {
	const { text, tone, Icon } = looks[state];
	const fault = outcome?.fault ? explainFault(kind, outcome.fault) : null;
	const roundTripMs = outcome?.roundTripMs ?? null;
	return (
		<li data-rung={kind} data-state={state}>
			<Card className="grid h-full min-h-64 content-start gap-3 p-4">
				<div className="flex flex-wrap items-center justify-between gap-2">
					<h2 className="font-semibold">{rungNames[kind]}</h2>
					<Badge tone={tone}>
						<Icon aria-hidden="true" className={state === "running" ? "motion-safe:animate-spin" : undefined} />
						{text}
						{state === "running" && <RunningFor />}
					</Badge>
				</div>
				<ol className="grid gap-1 text-muted-foreground text-sm tabular-nums">
					{notes.map((note) => (
						<li key={note}>{note}</li>
					))}
					{state === "running" && <li>…</li>}
				</ol>
				{fault && (
					<div className="text-sm">
						<p className="font-medium text-danger">{fault.title}</p>
						<p className="mt-1">{fault.text}</p>
					</div>
				)}
				{state === "works" && roundTripMs !== null && <p className="text-sm">Quality: {qualityNames[qualityOf(roundTripMs)]}</p>}
			</Card>
		</li>
	);
}

/** Counts the seconds, so that a test that waits for something is seen to wait. */
function RunningFor() {
	const [seconds, setSeconds] = useState(0);
	useEffect(() => {
		const startedAt = performance.now();
		const timer = setInterval(() => setSeconds(Math.floor((performance.now() - startedAt) / 1000)), 250);
		return () => clearInterval(timer);
	}, []);
	return <span className="tabular-nums">{seconds} s</span>;
}
