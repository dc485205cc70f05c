import { afterAll, beforeAll, expect, test } from "vitest";
import type { ReleaseSpec } from "#server/targets/target.ts";
import {
	addProject,
	buildOf,
	deploy,
	listener,
	type Machine,
	type Platform,
	prepareAndStart,
	startMachine,
	visit,
} from "./local-machine.ts";

let database: Machine["database"];
let home: string;
let platform: Platform;
let stop: Machine["stop"];

beforeAll(async () => {
	({ database, home, platform, stop } = await startMachine());
});
afterAll(() => stop());

const soon = () => AbortSignal.timeout(15_000);

/** Answers with its text; `/slow` says that it has begun, and ends a second later. */
const app = (text: string) => `
	import { createServer } from "node:http";
	createServer((request, response) => {
		if (request.url !== "/slow") return response.end(${JSON.stringify(text)});
		response.write("begun, ");
		setTimeout(() => response.end(${JSON.stringify(text)}), 1000);
	}).listen(process.env.PORT);`;

type Kind = "process" | "static";

function releaseOf(project: { id: string; slug: string }, kind: Kind, text: string): Promise<ReleaseSpec> {
	return kind === "process"
		? buildOf(database.db, home, project, { "server.mjs": app(text) })
		: buildOf(database.db, home, project, { "index.html": text }, { kind: "static" });
}

async function prepared(spec: ReleaseSpec): Promise<void> {
	expect(await prepareAndStart(platform.target, spec, listener(), soon())).toMatchObject({ ok: true });
	expect(await platform.target.check(spec.id, listener(), soon())).toMatchObject({ ok: true });
}

const pairs: [Kind, Kind][] = [
	["process", "process"],
	["static", "static"],
	["process", "static"],
	["static", "process"],
];

test.each(pairs)("a switch from %s to %s, and back, fails no request", async (from, to) => {
	const slug = `${from}-${to}`;
	const project = await addProject(database.db, slug);
	const one = await releaseOf(project, from, "one");
	const two = await releaseOf(project, to, "two");
	await deploy(platform.target, one);
	await prepared(two);

	const seen = new Map<string, number>();
	let going = true;
	const visitors = Array.from({ length: 8 }, async () => {
		while (going) {
			const key = await visit(platform.port, `${slug}.localhost`).then(
				({ status, body }) => `${status} ${body}`,
				(error: Error) => error.message,
			);
			seen.set(key, (seen.get(key) ?? 0) + 1);
		}
	});
	await expect.poll(() => seen.get("200 one") ?? 0).toBeGreaterThan(30);
	await platform.target.activate(two.id);
	await platform.told(one.id, "stopped");
	await expect.poll(() => seen.get("200 two") ?? 0).toBeGreaterThan(30);
	// Back again, as a rollback does it.
	await platform.target.start(one.id, listener(), soon());
	await platform.target.check(one.id, listener(), soon(), { healthyBefore: true });
	const before = seen.get("200 one") ?? 0;
	await platform.target.activate(one.id);
	await platform.told(two.id, "stopped");
	await expect.poll(() => seen.get("200 one") ?? 0).toBeGreaterThan(before + 10);
	going = false;
	await Promise.all(visitors);
	expect([...seen.keys()].sort()).toEqual(["200 one", "200 two"]);
});

test("an answer that takes longer than the switch is finished by the release that began it", async () => {
	const project = await addProject(database.db, "long");
	const one = await releaseOf(project, "process", "one");
	const two = await releaseOf(project, "process", "two");
	await deploy(platform.target, one);
	await prepared(two);
	const answer = visit(platform.port, "long.localhost", "/slow");
	await expect.poll(() => platform.target.visitors(one.id)).toBe(1);
	await platform.target.activate(two.id);
	expect(await visit(platform.port, "long.localhost")).toMatchObject({ status: 200, body: "two" });
	expect(platform.changes).not.toContainEqual(expect.objectContaining({ releaseId: one.id, status: "stopped" }));
	expect(await answer).toMatchObject({ status: 200, body: "begun, one" });
	await platform.told(one.id, "stopped");
	await expect(platform.target.activate(one.id)).rejects.toMatchObject({ code: "conflict" });
});
