// Holds the client cases against any program: node tests/conformance/run-client.ts [--over ws] -- COMMAND …. See README.md.
import { parseArgs } from "node:util";
import type { WireName } from "./case.ts";
import { clientCases } from "./client-cases.ts";
import { clientOfCommand } from "./client-command.ts";
import { playClientCase } from "./play-client-case.ts";

const usage = `Holds the cases of the live protocol against a client.

  node tests/conformance/run-client.ts [--over ws|sse|poll] [--only NAME] [--patience SECONDS] -- COMMAND ARGUMENTS…

The command is started for each case, with QUAYSIDE_URL, QUAYSIDE_TOKEN, QUAYSIDE_STREAM, QUAYSIDE_EPOCH, QUAYSIDE_AFTER
and QUAYSIDE_OVER in its environment, and prints a line of JSON for everything it tells its reader (README.md).`;

const { values, positionals } = parseArgs({
	options: {
		over: { type: "string" },
		patience: { type: "string", default: "30" },
		only: { type: "string", default: "" },
		help: { type: "boolean", default: false },
	},
	allowPositionals: true,
});
const transports = (["ws", "sse", "poll"] satisfies WireName[]).filter((name) => !values.over || name === values.over);
const bounds = { patienceMs: Number(values.patience) * 1000, settleMs: 1000 };

if (values.help || positionals.length === 0 || transports.length === 0) {
	console.log(usage);
	process.exitCode = values.help ? 0 : 2;
} else {
	const startClient = clientOfCommand(positionals);
	let passed = 0;
	let failed = 0;
	for (const over of transports) {
		for (const one of clientCases) {
			if ((one.over && !one.over.includes(over)) || !one.name.includes(values.only)) continue;
			try {
				await playClientCase(one, over, startClient, bounds);
				passed++;
				console.log(`✓ ${over}: ${one.name}`);
			} catch (error) {
				failed++;
				console.log(`✗ ${over}: ${one.name}\n    ${error instanceof Error ? error.message : error}`);
			}
		}
	}
	console.log(`\n${passed} passed, ${failed} failed.`);
	process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
