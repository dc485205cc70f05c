import { afterAll, beforeAll } from "vitest";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import type { NetworkCase } from "./cases.ts";
import { type Network, type Outcome, startNetwork } from "./run-case.ts";
import { printLine, tableOf } from "./table.ts";

/** Runs all of these cases at once, for they do little but wait, and prints their table; answers each one's outcome by its case. */
export function runAll(cases: readonly NetworkCase[]): (testCase: NetworkCase) => Promise<Outcome> {
	let database: TestDatabase;
	let network: Network;
	const running = new Map<string, Promise<Outcome>>();
	beforeAll(async () => {
		database = await startTestDatabase();
		network = await startNetwork(database);
		for (const testCase of cases) {
			const outcome = network.run(testCase);
			outcome.catch(() => {});
			running.set(testCase.name, outcome);
		}
	});
	afterAll(async () => {
		const outcomes = (await Promise.allSettled(running.values())).filter((result) => result.status === "fulfilled");
		printLine(tableOf(outcomes.map(({ value }) => value)));
		await network?.stop();
		await database?.stop();
	}, 120_000);
	return async ({ name }) => {
		const outcome = await running.get(name);
		if (!outcome) throw new Error(`${name} was not run`);
		return outcome;
	};
}
