import { cpus, release } from "node:os";

/** The value below which this share of the samples lies (nearest rank); 0.5 is the median. */
export function percentile(samples: readonly number[], share: number): number {
	if (samples.length === 0) throw new Error("no samples");
	const sorted = samples.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** One line of a result: what was measured, the figure, and what was asked for. */
export function say(what: string, figure: string, goal = ""): void {
	console.log(`${what.padEnd(56)} ${figure.padStart(16)}${goal ? `   goal ${goal}` : ""}`);
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** p50, p95 and the greatest of samples in ms. */
export function sayDistribution(what: string, samples: readonly number[], goal = ""): void {
	say(`${what}, p50 of ${samples.length}`, ms(median(samples)));
	say(`${what}, p95`, ms(percentile(samples, 0.95)), goal);
	say(`${what}, greatest`, ms(Math.max(...samples)));
}

export function sayMachine(): void {
	console.log(
		`${cpus().length} cores, ${cpus()[0]?.model ?? "unknown"}, Linux ${release()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}\n`,
	);
}
