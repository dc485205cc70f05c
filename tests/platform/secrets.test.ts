import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followToEnd, getDeployment } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type ModelServer, refuses, startModelServer } from "#tests/support/model-server.ts";
import { commandOf, type Platform, processesOf, startPlatform } from "#tests/support/platform.ts";

const gitToken = "ghp_TESTSECRETq7Wn2mZ4xKp9vR3tY8uL5";
const wrongToken = "ghp_TESTSECRETwrongB6cD1fG7hJ2kM8nP";
const apiKey = "sk-TESTSECRET-5tQ8wE2rY6uI9oP3aS7dF1g";
/** Of no form by which it would be known. */
const modelKey = "TESTSECRET/model+key/4Zr8Xw1Nq6Lb3Vc9";
/** What they look like wherever somebody might have kept them: as they are, as a git header, as part of an address. */
const needles = [gitToken, wrongToken, apiKey, modelKey, "TESTSECRET"].flatMap((secret) => [
	secret,
	Buffer.from(secret).toString("base64").replace(/=+$/, ""),
	encodeURIComponent(secret),
]);

const built = fileURLToPath(new URL("../../.next/static", import.meta.url));
let platform: Platform;
let git: GitServer;
let model: ModelServer;
let server: string[] = [];
const ids: string[] = [];
/** Called by a fetch that the git server then never answers. */
let heldAt: (() => true) | null = null;
/** What had leaked in the middle of a clone. */
let leakedWhileCloning: string[] = [];

/** Prints the secret in every way a careless build might, then does what the mode says. */
const build = `const key = process.env.API_KEY;
console.log("key " + key);
console.error("Authorization: Bearer " + key);
console.log(JSON.stringify({ env: { API_KEY: key } }));
for (const character of key) process.stdout.write(character);
console.log();
if (process.env.MODE === "fail") throw new Error("refused: " + key);`;
const files = {
	"package.json": JSON.stringify({ name: "private", version: "1.0.0", scripts: { build: "node build.js", start: "node server.js" } }),
	"build.js": build,
	"server.js": `console.log("starting with " + process.env.API_KEY);
require("node:http").createServer((_, response) => response.end("ok")).listen(process.env.PORT);`,
};

beforeAll(async () => {
	git = await startGitServer({
		token: gitToken,
		intercept: ({ url }) => (heldAt !== null && url?.endsWith("/git-upload-pack") ? heldAt() : false),
	});
	await git.add("private", files);
	platform = await startPlatform({ env: { QUAYSIDE_LOG_LEVEL: "debug" } });
	await useModel();
	await runAll();
	server = platform.output().split("\n");
}, 180_000);
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
	await model?.stop();
});

/** Every agent asks a model that refuses, and repeats the key as it does. */
async function useModel(): Promise<void> {
	model = await startModelServer();
	model.reply(refuses(401, { "x-key": modelKey }, `Incorrect API key provided: ${modelKey}`));
	const put = (path: string, body: object) =>
		platform.fetch(path, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
	const provider = { kind: "openai-compatible", baseUrl: model.url, key: modelKey, allowPrivate: true, models: [{ name: "m" }] };
	expect((await put("/api/models/providers/leaky", { ...provider, requestsPerMinute: 1000, tokensPerMinute: 10_000_000 })).status).toBe(
		200,
	);
	expect((await put("/api/models/settings", { order: ["leaky/m"] })).status).toBe(200);
}

/** A clone that is refused, a clone with no token, a build that prints the secret, and one that also fails with it. */
async function runAll(): Promise<void> {
	ids.push(await run({ token: wrongToken }));
	await set("API_KEY", apiKey, true);
	ids.push(await run({ token: gitToken }));
	await set("MODE", "fail", false);
	ids.push(await run({}));
	const { promise: held, resolve } = Promise.withResolvers<void>();
	heldAt = () => {
		resolve();
		return true;
	};
	const cancelled = await post("/api/deployments", { source: { type: "git", url: git.url("private"), token: gitToken } });
	await held;
	const commands = await Promise.all((await processesOf("")).map(commandOf));
	leakedWhileCloning = [...(await leaksUnder(platform.home)), ...commands.filter((command) => found(command).length > 0)];
	await platform.fetch(`/api/deployments/${cancelled}/cancel`, { method: "POST" });
	await followToEnd(platform, cancelled);
	ids.push(cancelled);
}

async function post(path: string, body: object): Promise<string> {
	const response = await platform.fetch(path, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	return ((await response.json()) as { deployment?: { id: string } }).deployment?.id ?? "";
}

async function run(source: { token?: string }): Promise<string> {
	const id = await post("/api/deployments", { source: { type: "git", url: git.url("private"), ...source } });
	await followToEnd(platform, id);
	return id;
}

async function set(name: string, value: string, secret: boolean): Promise<void> {
	await post("/api/projects/private/env", { name, value, secret });
}

/** The needles in a text, by name, so that a failure does not print a whole log. */
const found = (text: string): string[] => needles.filter((needle) => text.includes(needle));

async function filesUnder(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Files, database and all, in which a needle is. */
async function leaksUnder(folder: string): Promise<string[]> {
	const leaks: string[] = [];
	for (const file of await filesUnder(folder)) {
		// What is gone by now was a temporary file.
		if (found(await readFile(file, "latin1").catch(() => "")).length > 0) leaks.push(file.slice(folder.length));
	}
	return leaks;
}

describe("git tokens, secret variables and keys of models", () => {
	it("did what they are for", async () => {
		const [refused, live, failed] = await Promise.all(ids.map((id) => getDeployment(platform, id)));
		expect(refused).toMatchObject({ status: "failed", error: { code: "repository_auth_failed" } });
		expect(live).toMatchObject({ status: "succeeded" });
		expect(failed).toMatchObject({ status: "failed", error: { code: "build_failed" } });
		const log = await (await platform.fetch(`/api/deployments/${live?.id}/log?format=text`)).text();
		expect(log).toContain("key ");
		expect(log).toMatch(/Authorization: /);
		expect(model.requests.length).toBeGreaterThan(3);
		expect(model.requests.at(-1)?.headers.authorization).toBe(`Bearer ${modelKey}`);
	});

	it("are in nothing the server printed", () => {
		expect(server.join("\n")).toContain("Quayside is ready on");
		expect(found(server.join("\n"))).toEqual([]);
	});

	it("are in no event, log, artifact, view or list", async () => {
		for (const id of ids) {
			const events = await followToEnd(platform, id);
			expect(events.length).toBeGreaterThan(3);
			expect(found(JSON.stringify(events))).toEqual([]);
			const { artifacts } = (await (await platform.fetch(`/api/deployments/${id}/artifacts`)).json()) as { artifacts: { name: string }[] };
			const paths = [
				`/api/deployments/${id}`,
				`/api/deployments/${id}/log?format=text`,
				...artifacts.map(({ name }) => `/api/deployments/${id}/artifacts/${encodeURIComponent(name)}`),
			];
			for (const path of paths) expect([path, found(await (await platform.fetch(path)).text())]).toEqual([path, []]);
		}
		const project = "/api/projects/private";
		for (const path of [
			"/api/deployments",
			"/api/projects",
			project,
			`${project}/env`,
			`${project}/releases`,
			`${project}/logs`,
			"/api/metrics",
			"/api/models",
		]) {
			expect([path, found(await (await platform.fetch(path)).text())]).toEqual([path, []]);
		}
	});

	it("are in nothing a model was given to read", () => {
		for (const { body } of model.requests) expect(found(JSON.stringify(body))).toEqual([]);
	});

	it("are in no page", async () => {
		for (const path of [
			"/",
			"/projects",
			"/projects/private?tab=environment",
			"/settings/models",
			...ids.map((id) => `/deployments/${id}`),
		]) {
			const page = await platform.fetch(path);
			expect([path, page.status, found(await page.text())]).toEqual([path, 200, []]);
		}
	});

	it("are in no file of the platform, `.git/config` and the database's own files among them", async () => {
		expect((await filesUnder(platform.home)).length).toBeGreaterThan(100);
		expect(await leaksUnder(platform.home)).toEqual([]);
	});

	it("are in no file and no command line while a clone is under way", () => {
		expect(leakedWhileCloning).toEqual([]);
	});

	it("are in nothing a browser is given", async () => {
		for (const file of await filesUnder(built)) expect([file, found(await readFile(file, "utf8"))]).toEqual([file, []]);
	});
});
