import { afterAll, beforeAll, expect, test } from "vitest";
import { addProject, buildOf, listener, type Machine, type Platform, prepareAndStart, startMachine } from "./local-machine.ts";

let database: Machine["database"];
let home: string;
let platform: Platform;
let stop: Machine["stop"];

beforeAll(async () => {
	({ database, home, platform, stop } = await startMachine({ requestMs: 800 }));
});
afterAll(() => stop());

const http = (answer: string) =>
	`import { createServer } from "node:http"; createServer((request, response) => { ${answer} }).listen(process.env.PORT);`;

const bad: [string, string, { code: string; cause: string; message: RegExp }][] = [
	[
		"answers 500",
		http("response.statusCode = 500; response.end();"),
		{ code: "app_unhealthy", cause: "app_answers_error", message: /^The app answers \/ with 500, for \d+ s\.$/ },
	],
	[
		"redirects to itself with https, for ever",
		http("response.writeHead(301, { location: 'https://' + request.headers.host + request.url }).end();"),
		{ code: "app_unhealthy", cause: "redirect_loop", message: /redirects for ever: \/ → \// },
	],
	[
		"redirects round and round",
		http("response.writeHead(302, { location: request.url === '/login' ? '/' : '/login' }).end();"),
		{ code: "app_unhealthy", cause: "redirect_loop", message: /redirects for ever: \/ → \/login → \// },
	],
	[
		"redirects to ever new addresses",
		http("response.writeHead(302, { location: request.url + 'x' }).end();"),
		{ code: "app_unhealthy", cause: "redirect_loop", message: /redirects for ever/ },
	],
	[
		"takes connections and says nothing",
		`import { createServer } from "node:net"; createServer(() => {}).listen(process.env.PORT);`,
		{ code: "app_unhealthy", cause: "app_silent", message: /takes connections on its port, but did not answer \/ within \d+ s/ },
	],
	[
		"does not speak HTTP",
		`import { createServer } from "node:net"; createServer((socket) => socket.end("220 mail ready\\r\\n")).listen(process.env.PORT);`,
		{ code: "app_unhealthy", cause: "app_not_http", message: /not with HTTP/ },
	],
	[
		"listens on another port",
		`import { createServer } from "node:http"; createServer((q, r) => r.end()).listen(4321);`,
		{ code: "app_not_listening", cause: "port_fixed", message: /listens on port 4321, but not on the one in the PORT variable/ },
	],
	[
		"never listens",
		"setInterval(() => {}, 1000);",
		{ code: "app_not_listening", cause: "app_never_listens", message: /nothing answered on its port within \d+ s/ },
	],
];

test.concurrent.each(bad)("an app that %s is not called live, and why is said (R24)", async (_name, program, expected) => {
	const project = await addProject(database.db, `bad-${expected.cause.replaceAll("_", "-")}-${bad.findIndex((row) => row[1] === program)}`);
	const spec = await buildOf(database.db, home, project, { "server.mjs": program });
	await prepareAndStart(platform.target, spec, listener(), AbortSignal.timeout(15_000));
	const checked = await platform.target.check(spec.id, listener(), AbortSignal.timeout(15_000));
	expect(checked).toMatchObject({
		ok: false,
		failure: { code: expected.code, cause: expected.cause, message: expect.stringMatching(expected.message) },
	});
	await platform.target.remove(spec.id);
});

test("a redirect that leads to a page, and one to another site, are good answers", async () => {
	for (const [slug, location] of [
		["to-page", "/home"],
		["to-elsewhere", "https://example.com/"],
	] as const) {
		const program = http(`request.url === "/" ? response.writeHead(302, { location: "${location}" }).end() : response.end("home");`);
		const spec = await buildOf(database.db, home, await addProject(database.db, slug), { "server.mjs": program });
		await prepareAndStart(platform.target, spec, listener(), AbortSignal.timeout(15_000));
		expect(await platform.target.check(spec.id, listener(), AbortSignal.timeout(15_000))).toEqual({
			ok: true,
			value: { status: 302, tookMs: expect.any(Number) },
		});
		await platform.target.remove(spec.id);
	}
});
