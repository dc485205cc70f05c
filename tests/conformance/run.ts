// Holds the cases against a live server: node tests/conformance/run.ts --url … --token … [--control …] [--stream …]. See README.md.
import { parseArgs } from "node:util";
import { type Bench, keeperAt, type MadeLog } from "./bench.ts";
import { clientCases } from "./client-cases.ts";
import { casesAbout, observe } from "./facts-cases.ts";
import { httpCases } from "./http-cases.ts";
import { playHttpCase } from "./play-http-case.ts";
import { playServerCase } from "./play-server-case.ts";
import { serverCases } from "./server-cases.ts";
import { wires } from "./wires.ts";

const usage = `Holds the cases of the live protocol against a server.

  node tests/conformance/run.ts --url https://quayside.example --token TOKEN [options]

  --url      origin of the server
  --token    a token that may read the logs
  --stream   a log that has ended, such as deployment/01J…: it is read from all places
  --control  address of whoever keeps the logs (README.md): with it, all cases are run
  --over     ws, sse or poll: this transport alone
  --only     cases with this in their name
  --print    prints all cases as JSON instead, those for clients as well`;

const { values } = parseArgs({
	options: {
		url: { type: "string" },
		token: { type: "string" },
		stream: { type: "string" },
		control: { type: "string" },
		over: { type: "string" },
		only: { type: "string", default: "" },
		print: { type: "boolean", default: false },
		help: { type: "boolean", default: false },
	},
});
const chosen = wires.filter(({ name }) => !values.over || name === values.over);
const patienceMs = 20_000;
let passed = 0;
let skipped = 0;
let failed = 0;

async function judge(name: string, play: () => Promise<void>): Promise<void> {
	if (!name.includes(values.only)) return;
	try {
		await play();
		passed++;
		console.log(`✓ ${name}`);
	} catch (error) {
		failed++;
		console.log(`✗ ${name}\n    ${error instanceof Error ? error.message : error}`);
	}
}

async function runAll(url: string, token: string): Promise<void> {
	const nobody: Pick<Bench, "make" | "carryOut"> = {
		make: () => Promise.reject(new Error("no keeper")),
		carryOut: () => Promise.reject(new Error("no keeper")),
	};
	const bench: Bench = { url, token, patienceMs, ...(values.control ? keeperAt(values.control) : nobody) };
	const isPossible = (logs: object) => values.control !== undefined || Object.keys(logs).length === 0;
	for (const wire of chosen) {
		for (const one of serverCases) {
			if (one.over && !one.over.includes(wire.name)) continue;
			if (isPossible(one.logs)) await judge(`${wire.name}: ${one.name}`, () => playServerCase(one, wire, bench));
			else skipped++;
		}
	}
	for (const one of httpCases) {
		if (isPossible(one.logs)) await judge(one.name, () => playHttpCase(one, bench));
		else skipped++;
	}
	if (values.stream) await readOn({ ...bench }, values.stream);
}

async function readOn(bench: Bench, stream: string): Promise<void> {
	for (const wire of chosen) {
		const facts = await observe(wire, bench.url, bench.token, stream);
		const make = async (): Promise<MadeLog> => facts;
		for (const one of casesAbout(facts))
			await judge(`${wire.name}: ${stream}: ${one.name}`, () => playServerCase(one, wire, { ...bench, make }));
	}
}

if (values.print) console.log(JSON.stringify({ server: serverCases, http: httpCases, client: clientCases }, null, "\t"));
else if (values.help || !values.url || !values.token || chosen.length === 0) {
	console.log(usage);
	process.exitCode = values.help ? 0 : 2;
} else {
	await runAll(new URL(values.url).origin, values.token);
	const left = skipped > 0 ? `, ${skipped} skipped because they need --control` : "";
	console.log(`\n${passed} passed, ${failed} failed${left}.`);
	process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
