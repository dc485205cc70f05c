import { faultCases, type NetworkCase, proxyCases, timedCases } from "../network/cases.ts";
import { proxies } from "../network/proxies.ts";
import { findProxy } from "../network/proxy.ts";
import { startNetwork } from "../network/run-case.ts";
import { tableOf } from "../network/table.ts";
import { startTestDatabase } from "../support/database.ts";

/** The cases of tests/network, those in real time first and by themselves. `×5`: every interval was shrunk to a fifth. */
export async function measure(): Promise<void> {
	const database = await startTestDatabase();
	const network = await startNetwork(database);
	try {
		for (const cases of [timedCases, faultCases, await installed(proxyCases)]) {
			console.log(tableOf(await Promise.all(cases.map((testCase) => network.run(testCase)))));
			console.log("");
		}
	} finally {
		await network.stop();
		await database.stop();
	}
}

async function installed(cases: readonly NetworkCase[]): Promise<NetworkCase[]> {
	const found = await Promise.all(
		cases.map(async ({ way }) => ("proxy" in way ? (await findProxy(proxies[way.proxy].program)) !== null : true)),
	);
	return cases.filter((_case, index) => found[index]);
}
