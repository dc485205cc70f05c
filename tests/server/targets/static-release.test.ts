import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plan } from "#lib/protocol/index.ts";
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

async function site(slug: string, files: Record<string, string>, plan: Partial<Plan> = {}) {
	return buildOf(database.db, home, await addProject(database.db, slug), files, { kind: "static", ...plan });
}

const pages = {
	"index.html": "<h1>Home</h1>",
	"about.html": "<h1>About</h1>",
	"about/data.txt": "beside the page",
	"docs/index.html": "<h1>Docs</h1>",
	"assets/index-BxY12abc.js": "let x = 1;",
	"picture.svg": "<svg/>",
	".env": "SECRET=1",
	".well-known/security.txt": "Contact: us",
};
const soon = () => AbortSignal.timeout(10_000);

test("files are served with types, tags and sensible caching", async () => {
	const spec = await site("plain", pages);
	await deploy(platform.target, spec);
	const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
		visit(platform.port, "plain.localhost", path, { headers, method });

	const home = await get("/");
	expect(home).toMatchObject({
		status: 200,
		body: "<h1>Home</h1>",
		headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" },
	});
	expect(home.headers).toMatchObject({ "x-content-type-options": "nosniff", etag: expect.stringContaining(spec.id) });
	expect(await get("/", { "if-none-match": home.headers.etag ?? "" })).toMatchObject({ status: 304, body: "" });
	expect((await get("/assets/index-BxY12abc.js")).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
	expect((await get("/about")).body).toBe("<h1>About</h1>");
	expect((await get("/about/data.txt")).body).toBe("beside the page");
	expect((await get("/docs/")).body).toBe("<h1>Docs</h1>");
	expect(await get("/docs?a=1")).toMatchObject({ status: 302, headers: { location: "/docs/?a=1" } });
	expect(await get("/picture.svg", { range: "bytes=0-3" })).toMatchObject({
		status: 206,
		body: "<svg",
		headers: { "content-range": "bytes 0-3/6" },
	});
	expect(await get("/picture.svg", { range: "bytes=-2" })).toMatchObject({ status: 206, body: "/>" });
	expect((await get("/picture.svg", { range: "bytes=99-" })).status).toBe(416);
	expect(await get("/", {}, "HEAD")).toMatchObject({ status: 200, body: "", headers: { "content-length": "13" } });
	expect(await get("/", {}, "POST")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
});

test("what is not there, hidden or outside is 404", async () => {
	const spec = await site("closed", pages);
	await symlink("/etc/hostname", join(spec.buildDir, "site", "leak.txt"));
	await symlink("/etc", join(spec.buildDir, "site", "etc"));
	await symlink("index.html", join(spec.buildDir, "site", "alias.html"));
	const told = listener();
	await prepareAndStart(platform.target, spec, told, soon());
	expect(told.said.filter((text) => text.startsWith("Left out")).sort()).toEqual([
		"Left out etc: it is a link to somewhere else.\n",
		"Left out leak.txt: it is a link to somewhere else.\n",
	]);
	await platform.target.check(spec.id, told, soon());
	await platform.target.activate(spec.id);
	const statusOf = async (path: string) => (await visit(platform.port, "closed.localhost", path)).status;
	for (const path of [
		"/missing",
		"/.env",
		"/%2eenv",
		"/leak.txt",
		"/etc/hostname",
		"/../../runner.json",
		"/%2e%2e/%2e%2e/log",
		"/..%2f..%2flog",
	])
		expect([path, await statusOf(path)]).toEqual([path, 404]);
	expect(await statusOf("/%00")).toBe(400);
	expect(await statusOf("/alias.html")).toBe(200);
	expect(await statusOf("/.well-known/security.txt")).toBe(200);
});

test("a site's own 404.html is shown for pages, with the right status", async () => {
	await deploy(platform.target, await site("own404", { ...pages, "404.html": "<h1>Nothing here</h1>" }));
	expect(await visit(platform.port, "own404.localhost", "/nope")).toMatchObject({ status: 404, body: "<h1>Nothing here</h1>" });
	expect((await visit(platform.port, "own404.localhost", "/nope.js", { headers: { accept: "*/*" } })).status).toBe(404);
});

test("unknown pages of a single-page app are its index, missing files stay missing", async () => {
	await deploy(platform.target, await site("spa", pages, { spaFallback: true }));
	expect(await visit(platform.port, "spa.localhost", "/users/7")).toMatchObject({ status: 200, body: "<h1>Home</h1>" });
	expect((await visit(platform.port, "spa.localhost", "/assets/gone.js")).status).toBe(404);
});

test("a site without a first page does not become live", async () => {
	const spec = await site("empty", { "readme.txt": "hi" });
	await prepareAndStart(platform.target, spec, listener(), soon());
	expect(await platform.target.check(spec.id, listener(), soon())).toMatchObject({
		ok: false,
		failure: { code: "output_missing", message: "The site has no page at /." },
	});
	expect((await visit(platform.port, "empty.localhost")).status).toBe(404);
});

test("a release stays as it was when its build is written anew, and a rollback brings it back whole", async () => {
	const project = await addProject(database.db, "history");
	const one = await buildOf(database.db, home, project, { "index.html": "one" }, { kind: "static" });
	const two = await buildOf(database.db, home, project, { "index.html": "two" }, { kind: "static" });
	await deploy(platform.target, one);
	await deploy(platform.target, two);
	await platform.told(one.id, "stopped");
	expect((await visit(platform.port, "history.localhost")).body).toBe("two");
	await platform.target.start(one.id, listener(), soon());
	expect(await platform.target.check(one.id, listener(), soon())).toMatchObject({ ok: true });
	await platform.target.activate(one.id);
	expect((await visit(platform.port, "history.localhost")).body).toBe("one");
	await platform.target.remove(one.id);
	expect(await visit(platform.port, "history.localhost")).toMatchObject({ status: 404, body: expect.stringContaining("Not deployed yet") });
});

test("an interrupted copy is not taken for a release", async () => {
	const spec = await site("interrupted", pages);
	await expect(prepareAndStart(platform.target, spec, listener(), AbortSignal.abort(new Error("cancelled")))).rejects.toThrow("cancelled");
	await platform.target.remove(spec.id);
	await writeFile(join(spec.buildDir, "site", "late.txt"), "late");
	await deploy(platform.target, spec);
	expect((await visit(platform.port, "interrupted.localhost", "/late.txt")).body).toBe("late");
});
