import { setTimeout as delay } from "node:timers/promises";
import { clockMs } from "./pinned.ts";

export interface Emission {
	perS: number;
	forMs: number;
	/** Length of the text of one event. */
	bytes: number;
	/** As log lines, which may be grouped. */
	asLog?: boolean;
}

export interface Emitted {
	count: number;
	/** When the first should have been sent. */
	startMs: number;
	/** Processor time of the server process, and of its database, in ms. */
	cpuMs: number;
	databaseCpuMs: number;
	/** Greatest RSS seen meanwhile. */
	peakRssBytes: number;
}

/** A text of `bytes` that says when it should have been sent. */
export function stamped(intendedMs: number, bytes: number): string {
	return `@${intendedMs.toFixed(3)}@`.padEnd(bytes, "x");
}

const stamp = /@([\d.]+)@/g;

/** When the events in this text should have been sent. */
export function stampsIn(text: string): number[] {
	return [...text.matchAll(stamp)].map(([, ms]) => Number(ms));
}

/** Open loop: sends at the intended times, and what is late at once, however long the sends take. */
export async function emitSteadily(
	{ perS, forMs, bytes }: Emission,
	send: (text: string) => unknown,
	databaseCpuMs: () => Promise<number> = async () => 0,
	isHushed: () => boolean = () => false,
): Promise<Emitted> {
	const count = Math.round((perS * forMs) / 1000);
	const pending: unknown[] = [];
	const databaseBefore = await databaseCpuMs();
	const before = process.cpuUsage();
	const startMs = clockMs() + 5;
	let peakRssBytes = 0;
	for (let n = 0; n < count && !isHushed(); ) {
		const dueMs = startMs + (n * 1000) / perS;
		const waitMs = dueMs - clockMs();
		if (waitMs > 0) await delay(waitMs);
		else {
			const sent = Promise.resolve(send(stamped(dueMs, bytes)));
			// It is looked at once all are sent.
			sent.catch(() => {});
			pending.push(sent);
			n++;
		}
		if (n % 64 === 0) peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
	}
	await Promise.all(pending);
	// What was written is taken by the network a moment later.
	await delay(20);
	const { user, system } = process.cpuUsage(before);
	return {
		count: pending.length,
		startMs,
		cpuMs: (user + system) / 1000,
		databaseCpuMs: (await databaseCpuMs()) - databaseBefore,
		peakRssBytes,
	};
}
