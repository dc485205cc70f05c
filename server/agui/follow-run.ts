import type { Message } from "@ag-ui/core";
import { type AguiEvent, advance, begin, breakOff, endOf, type Run } from "../../lib/agui/run.ts";
import { AppError, toPublicError } from "../../lib/errors.ts";
import { type EventsQuery, maxReadEvents } from "../../lib/protocol/index.ts";
import type { DeploymentService, Principal } from "../../lib/services.ts";

/** How a run ended: with the log, because of an error, because the server stops, or because nobody listens any more. */
export type RunEnd = "told" | "broken" | "stopping" | "gone";

type Page = Awaited<ReturnType<DeploymentService["events"]>>;

export interface FollowOptions {
	run: Run;
	/** Messages the client has. */
	held: readonly Message[];
	/** The run begins with snapshots as of this seq and tells what came after it. */
	from: number;
	read(as: Principal, query: EventsQuery, until: AbortSignal): Promise<Page>;
	principal: Principal;
	/** Proves again who follows. */
	reauthenticate(): Promise<Principal | null>;
	/** A login that was ended meanwhile is noticed this soon. */
	proofMs?: number;
	gone: AbortSignal;
	stopping: AbortSignal;
	report(error: unknown): string;
	onBegin(): void;
	onEnd(how: RunEnd): void;
}

const waitS = 20;

/**
 * The events of a run, from the log, until the deployment has ended or waits for a person. Whatever happens, the last one says how it
 * ended, unless the client has gone. `null` says that there is nothing new.
 */
export async function* followRun(options: FollowOptions): AsyncGenerator<AguiEvent | null, void> {
	const { held, from, gone, stopping, proofMs = 60_000 } = options;
	const until = AbortSignal.any([gone, stopping]);
	let { run, principal } = options;
	let how: RunEnd = "gone";
	options.onBegin();
	try {
		let cursor: { after: number; epoch?: string } = { after: 0 };
		let provenAt = performance.now();
		if (from === 0) yield* begin(run, held);
		for (;;) {
			if (performance.now() - provenAt > proofMs) {
				principal = await proveAgain(options);
				provenAt = performance.now();
			}
			const page = await options.read(principal, { ...cursor, limit: maxReadEvents, wait: waitS }, until);
			if (gone.aborted) return;
			if (page.reset) throw logWasReplaced();
			for (const event of page.events) {
				const next = advance(run, event);
				run = next.run;
				if (event.seq > from) yield* next.events;
				else if (event.seq === from) yield* begin(run, held);
			}
			cursor = { after: run.state.lastSeq, epoch: page.epoch };
			const end = run.state.lastSeq >= Math.max(page.head, from) ? endOf(run) : null;
			if (end) {
				how = "told";
				return yield* end;
			}
			if (stopping.aborted) throw new AppError("shutting_down");
			if (page.events.length === 0) yield null;
		}
	} catch (error) {
		if (gone.aborted) return;
		how = stopping.aborted ? "stopping" : "broken";
		yield* breakOff(run, toPublicError(error, options.report(error)));
	} finally {
		options.onEnd(how);
	}
}

async function proveAgain({ principal, reauthenticate }: FollowOptions): Promise<Principal> {
	const again = await reauthenticate();
	if (again?.user.id !== principal.user.id) throw new AppError("unauthenticated");
	return again;
}

function logWasReplaced(): AppError {
	return new AppError("conflict", {
		message: "The log of this deployment was restored from a backup while it was followed.",
		action: "Run the thread again.",
	});
}
