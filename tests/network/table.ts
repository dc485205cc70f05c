import { percentile } from "#tests/bench/figures.ts";
import type { Outcome } from "./run-case.ts";

const columns = [58, 9, 9, 9, 7, 9];
const row = (cells: string[]) =>
	cells.map((cell, index) => (index === 0 ? cell.padEnd(columns[0] ?? 0) : cell.padStart(columns[index] ?? 0))).join(" ");

/** One line a case. `×5` says that every interval was shrunk to a fifth. */
export function tableOf(outcomes: readonly Outcome[]): string {
	const lines = outcomes.map(({ name, scale, firstMs, latestMs, recoveriesMs, transports, losses, written, delivered, problems }) => {
		const recover = recoveriesMs.length > 0 ? percentile(recoveriesMs, 0.95) : latestMs;
		const figures = [ms(firstMs), ms(recover), `${delivered}/${written}`, `${losses}`, transports.join("→") || "none"];
		return row([`${name}${scale === 1 ? "" : ` (×${scale})`}`, ...figures]) + (problems.length > 0 ? `\n    ${problems.join("; ")}` : "");
	});
	return [row(["network", "first", "latest", "events", "losses", "transports"]), ...lines].join("\n");
}

const ms = (value: number) => `${Math.round(value)} ms`;

/** For people who read the tests' output. */
export function printLine(text: string): void {
	process.stdout.write(`${text}\n`);
}
