import { expect, test } from "vitest";
import { type NetworkCase, proxyCases } from "./cases.ts";
import { proxies } from "./proxies.ts";
import { findProxy } from "./proxy.ts";
import { runAll } from "./run-all.ts";

const programOf = ({ way }: NetworkCase) => ("proxy" in way ? proxies[way.proxy].program : "");
const missing = new Set<string>();
for (const program of new Set(proxyCases.map(programOf))) if (!(await findProxy(program))) missing.add(program);

const outcomeOf = runAll(proxyCases.filter((one) => !missing.has(programOf(one))));

test.for(proxyCases)("$name: every event once, in order, and $settles at the end", { timeout: 120_000 }, async (testCase, context) => {
	const program = programOf(testCase);
	if (missing.has(program)) context.skip(`${program} is not installed on this machine`);
	const outcome = await outcomeOf(testCase);
	expect(outcome.problems).toEqual([]);
	expect(outcome.delivered).toBe(outcome.written);
});
