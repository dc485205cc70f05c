import { cpus, release } from "node:os";

/** The value below which this share of the samples lies (nearest rank); 0.5 is the median. */
export function percentile(samples: readonly number[], share: number): number {
	if (samples.length === 0) throw new Error("no samples");
	const sorted = samples.toSorted((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

export interface Row {
	what: string;
	figure: string;
	goal: string;
	/** Null where the goal is no number that can be held against the figure. */
	met: boolean | null;
}

/** Everything that was said so far. */
export const rows: Row[] = [];

/** One line of a result: what was measured, the figure, and what was asked for. */
export function say(what: string, figure: string, goal = ""): void {
	const met = isMet(figure, goal);
	rows.push({ what: what.trim(), figure, goal, met });
	console.log(`${what.padEnd(56)} ${figure.padStart(16)}${goal ? `   goal ${goal}` : ""}${met === false ? "   MISSED" : ""}`);
}

const quantity = String.raw`([\d.]+)\s*([a-zA-Z%/]*)`;
const thousandths: Readonly<Record<string, string>> = { s: "ms", GB: "MB" };

/** Whether a figure is within its goal, such as `3.2 ms` in `≤ 20 ms, aim 10`. */
export function isMet(figure: string, goal: string): boolean | null {
	const [, sign = "", bound, boundUnit] = new RegExp(`^([≤<≥>])\\s*${quantity}`).exec(goal) ?? [];
	const [, value, unit] = new RegExp(`^${quantity}(?: ×)?$`).exec(figure.replaceAll(",", "")) ?? [];
	if (bound === undefined || value === undefined) return null;
	const [left, right] = [inSmallUnits(value, unit), inSmallUnits(bound, boundUnit)];
	if (left.unit !== right.unit && right.unit !== "") return null;
	const holds = {
		"≤": left.value <= right.value,
		"<": left.value < right.value,
		"≥": left.value >= right.value,
		">": left.value > right.value,
	};
	return holds[sign as keyof typeof holds];
}

function inSmallUnits(value: string, unit = ""): { value: number; unit: string } {
	const small = thousandths[unit];
	return small === undefined ? { value: Number(value), unit } : { value: 1000 * Number(value), unit: small };
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
