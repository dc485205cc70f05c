"use client";
import { CircleAlert, CircleCheck, LoaderCircle, RefreshCw, TriangleAlert } from "lucide-react";
import { useEffect, useSyncExternalStore } from "react";
import { rungNames } from "#lib/live/doctor/probe.ts";
import { headersOf, reportOf } from "#lib/live/doctor/report.ts";
import { concludeFrom, type Verdict } from "#lib/live/doctor/verdict.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { useAnnounce } from "../shell/announcer.tsx";
import { Alert } from "../ui/alert.tsx";
import { Button } from "../ui/button.tsx";
import { Facts } from "./facts.tsx";
import { ProxyHelp } from "./proxy-help.tsx";
import { RungCard } from "./rung-card.tsx";
import { useDoctor } from "./use-doctor.ts";

const neverChanges = () => () => {};

/** Tests from this browser which of the three transports get through, and says what helps where one does not. */
export function ConnectionDoctor({ userId, upstreamPort }: { userId: string; upstreamPort: number }) {
	const { rungs, startedAt, isRunning, testAgain } = useDoctor(userId);
	const origin = useSyncExternalStore(
		neverChanges,
		() => window.location.origin,
		() => null,
	);
	const verdict = origin === null ? null : concludeFrom(rungs, origin);
	const underWay = rungs.find(({ state }) => state === "running");
	const announce = useAnnounce();
	const news = verdict && `${verdict.title}. ${verdict.text}`;
	useEffect(() => {
		if (news) announce(news);
	}, [news, announce]);

	function report(): string {
		if (!verdict || origin === null) return "";
		const at = new Date(startedAt ?? Date.now()).toISOString();
		return reportOf({ origin, at, userAgent: navigator.userAgent, httpProtocol: httpProtocol(), rungs, verdict });
	}

	return (
		<>
			<div className="flex flex-wrap items-start justify-between gap-3">
				<div className="max-w-2xl">
					<h1 className="font-semibold text-2xl tracking-tight">Connection doctor</h1>
					<p className="mt-1 text-muted-foreground text-sm">
						Quayside keeps pages up to date over WebSocket, and where that does not get through, by server-sent events or polling. This
						tests all three from this browser, also while live updates are switched off.
					</p>
				</div>
				<div className="flex flex-wrap gap-2">
					<CopyButton text={report}>Copy report</CopyButton>
					<Button size="sm" variant="outline" onClick={testAgain}>
						<RefreshCw aria-hidden="true" />
						Test again
					</Button>
				</div>
			</div>
			<div className="min-h-28 sm:min-h-20" data-verdict={verdict ? (verdict.best ?? "none") : "running"}>
				{verdict ? (
					<VerdictAlert verdict={verdict} isWhole={rungs.every(({ state }) => state === "works")} />
				) : (
					<Alert>
						<LoaderCircle aria-hidden="true" className="motion-safe:animate-spin" />
						<p>{underWay ? `Testing ${rungNames[underWay.kind]}… All three take about a quarter of a minute.` : "Starting the test…"}</p>
					</Alert>
				)}
			</div>
			<ul className="grid gap-4 lg:grid-cols-3">
				{rungs.map((rung) => (
					<RungCard key={rung.kind} rung={rung} />
				))}
			</ul>
			<section aria-labelledby="known" className="grid gap-3">
				<h2 id="known" className="font-semibold">
					What is known about the way
				</h2>
				<Facts
					facts={[
						["Address", origin ?? ""],
						["HTTP version", isRunning ? "being looked at" : (httpProtocol() ?? "the browser does not say")],
						...Object.entries(headersOf(rungs)).map(([name, value]) => [`Header ${name}`, value] as const),
					]}
				/>
				{!isRunning && Object.keys(headersOf(rungs)).length === 0 && (
					<p className="text-muted-foreground text-sm">
						Nothing between this browser and Quayside gives its name; there may be something all the same.
					</p>
				)}
			</section>
			{origin !== null && <ProxyHelp site={{ origin, upstreamPort }} repairs={verdict?.repairs ?? []} headers={headersOf(rungs)} />}
		</>
	);
}

function VerdictAlert({ verdict, isWhole }: { verdict: Verdict; isWhole: boolean }) {
	const Icon = verdict.best === null ? CircleAlert : isWhole ? CircleCheck : TriangleAlert;
	return (
		<Alert tone={verdict.best === null ? "danger" : isWhole ? "success" : "warning"}>
			<Icon aria-hidden="true" />
			<div className="grid gap-1">
				<h2 className="font-semibold">{verdict.title}</h2>
				<p>{verdict.text}</p>
				{verdict.advice && <p className="font-medium">{verdict.advice}</p>}
				{verdict.repairs.length > 0 && (
					<p>
						Whoever runs the proxy in front of Quayside can repair it:{" "}
						<a href="#proxy" className="underline underline-offset-4">
							its settings are below
						</a>
						.
					</p>
				)}
			</div>
		</Alert>
	);
}

/** The protocol of the newest answer of the live endpoints, as the browser names it. */
function httpProtocol(): string | null {
	const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
	const newest = entries.findLast(({ name }) => name.includes("/live/"));
	return newest?.nextHopProtocol || null;
}
