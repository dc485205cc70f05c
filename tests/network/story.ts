import { createHash } from "node:crypto";
import { foldAll } from "#lib/deployment/fold.ts";
import type { EventDraft, StreamEvent } from "#lib/protocol/index.ts";
import type { Streams } from "#server/streams/streams.ts";

const attempt = { attempt: 1, fence: 1 };

/** A deployment as the log tells it, without any work being done. */
export const story = {
	opening: (id: string): EventDraft[] => [
		{
			type: "deployment_started",
			content: "Deployment queued.",
			metadata: {
				project: { id: "01J0000000000000000000NETW", slug: "network", name: "network" },
				owner_id: "ann",
				number: 1,
				source: { type: "git", url: "https://example.org/network.git", ref: null, directory: null, private: false },
				target: "local",
				retry_of: null,
				from: null,
				correlation_id: id,
			},
		},
		{
			type: "stage_started",
			stage: "build",
			content: "Building…",
			metadata: { ...attempt, node: "one", deadline_ms: 600_000, isolated: true },
		},
	],
	/** `count` lines that a build printed, the first of them number `first`. */
	lines: (first: number, count: number): EventDraft => ({
		type: "log",
		stage: "build",
		content: `line ${first}`,
		metadata: {
			first,
			last: first + count - 1,
			lines: Array.from({ length: count }, (_, index) => ({
				n: first + index,
				at: new Date().toISOString(),
				from: "stdout" as const,
				text: `line ${first + index} of a build that says what builds say`,
			})),
		},
	}),
	progress: (percent: number): EventDraft => ({
		type: "stage_progress",
		stage: "build",
		content: `Building, ${percent} %`,
		metadata: { ...attempt, progress: percent },
	}),
	ending: (): EventDraft[] => [
		{
			type: "stage_completed",
			stage: "build",
			content: "Built.",
			metadata: { ...attempt, duration_ms: 1000, facts: { files: 3 }, output: {}, reused: false, skipped: false },
		},
		{
			type: "deployment_completed",
			content: "Deployed.",
			metadata: { status: "succeeded", duration_ms: 1500, error: null, stopped_processes: null },
		},
	],
};

/** All events of a stream as the log holds them. */
export async function logOf(streams: Pick<Streams, "read">, stream: string): Promise<StreamEvent[]> {
	const events: StreamEvent[] = [];
	for (let after = 0; ; ) {
		const read = await streams.read({ stream, epoch: null, after });
		if (read.events.length === 0) return events;
		events.push(...read.events);
		after = events.at(-1)?.seq ?? after;
	}
}

/** What is shown of events: the deployment's state and its log lines. */
export function screenOf(id: string, events: readonly StreamEvent[]): { state: unknown; lines: string[] } {
	const lines = events.flatMap((event) => (event.type === "log" ? event.metadata.lines : []));
	return { state: foldAll(id, events), lines: lines.map(({ n, text }) => `${n} ${text}`) };
}

export function checksumOf(events: readonly StreamEvent[]): string {
	const hash = createHash("sha256");
	for (const event of events) hash.update(JSON.stringify(event, sorted));
	return hash.digest("hex");
}

/** The database gives the fields of metadata in an order of its own. */
function sorted(_key: string, value: unknown): unknown {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
