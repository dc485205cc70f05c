import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { type ArtifactView, agents, type StreamEvent } from "#lib/protocol/index.ts";
import { briefs } from "#tests/server/agents/brief/products.ts";
import { followToEnd, getDeployment, getPreview } from "#tests/support/deployments.ts";
import { startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";
import { setUpModel, startScriptedModel, wordsOf } from "#tests/support/scripted-model.ts";

let platform: Platform;
beforeAll(async () => {
	platform = await startPlatform({ env: { QUAYSIDE_BUILDS: "4" } });
}, 120_000);
afterAll(() => platform?.stop());

const headers = { "content-type": "application/json" };

async function post(path: string, body: object): Promise<DeploymentView> {
	const answer = await platform.fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
	const { deployment, error } = (await answer.json()) as { deployment: DeploymentView; error?: object };
	if (answer.status !== 202) throw new Error(JSON.stringify(error));
	return deployment;
}
const describeIt = (text: string) => post("/api/deployments", { source: { type: "brief", text } });
const say = (id: string, text: string) => post(`/api/deployments/${id}/messages`, { text });

/** The deployment as it ended, with its events. */
async function ended({ id }: DeploymentView): Promise<DeploymentView & { events: StreamEvent[] }> {
	const events = await followToEnd(platform, id);
	return { ...(await getDeployment(platform, id)), events };
}
const body = async ({ previewUrl }: DeploymentView, path = "/") => (await getPreview(previewUrl ?? "", path)).body;
const artifact = async (id: string, name: string) =>
	(await platform.fetch(`/api/deployments/${id}/artifacts/${encodeURIComponent(name)}`)).text();

/** What was made one after the other goes to a real git server, with and without a token that is kept. */
async function pushes(made: readonly DeploymentView[]): Promise<void> {
	const token = "push-token-0123456789";
	const git = await startGitServer({ token });
	onTestFinished(() => git.stop());
	await git.addEmpty("foxglove");
	await git.allowPush("foxglove");
	const push = async (id: string, input: object) => {
		const answer = await platform.fetch(`/api/deployments/${id}/push`, { method: "POST", headers, body: JSON.stringify(input) });
		return { status: answer.status, ...((await answer.json()) as { push?: { commit: string; files: number }; error?: { code: string } }) };
	};
	const [first] = made;
	if (!first) throw new Error("nothing was made");
	const url = git.url("foxglove");
	expect(await push(first.id, {})).toMatchObject({ status: 400, error: { code: "bad_request" } });
	expect(await push(first.id, { url })).toMatchObject({ status: 422, error: { code: "repository_not_found" } });
	expect(await push(first.id, { url: "file:///etc" })).toMatchObject({ status: 400, error: { code: "invalid_url" } });
	expect(await push(first.id, { url, token })).toMatchObject({ status: 200, push: { branch: "main", unchanged: false } });
	for (const { id } of made.slice(1)) expect(await push(id, {})).toMatchObject({ status: 200, push: { url, unchanged: false } });
	const { stdout } = await execa("git", ["--git-dir", git.bare("foxglove"), "log", "--format=%s", "main"]);
	expect(stdout.split("\n")).toEqual(["Foxglove: deployment 4", "make the header blue", "Foxglove: deployment 1"]);
	const shown = await (await platform.fetch(`/api/deployments/${first.id}/push`)).text();
	expect(JSON.parse(shown)).toEqual({ remote: { url, branch: "main", hasToken: true } });
	const told = await (await platform.fetch(`/api/deployments/${first.id}/events`)).text();
	expect(`${shown}${told}`).not.toContain(token);
	// A repository that is somebody else's stays as it is.
	const commit = await git.add("theirs", { "a.txt": "a" });
	await git.allowPush("theirs");
	expect(await push(first.id, { url: git.url("theirs") })).toMatchObject({ status: 409, error: { code: "push_rejected" } });
	expect((await execa("git", ["--git-dir", git.bare("theirs"), "rev-parse", "main"])).stdout).toBe(commit);
}

describe("a brief becomes a product (R10, R139–R141, R158)", () => {
	it("with five agents in order, tasks, files, tests and a preview that answers", { timeout: 240_000 }, async () => {
		const made = await ended(await describeIt(briefs.landing ?? ""));
		expect(made).toMatchObject({ status: "succeeded", project: { slug: "sunrise" } });
		const answers = made.events.filter(({ type }) => type === "agent_response");
		expect(answers.map(({ agent_name }) => agent_name)).toEqual(agents);
		expect(answers.map(({ content }) => content).join("\n")).toMatch(/starter template/);
		expect(made.tasks.map(({ name, status }) => [name, status])).toEqual([
			["HTML structure", "done"],
			["CSS styles", "done"],
			["Form validation", "done"],
		]);
		expect(new Set(made.tasks.map(({ id }) => id)).size).toBe(3);
		for (const task of made.tasks) {
			expect(task.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
			expect(task.acceptance?.length).toBeGreaterThan(0);
		}
		for (const name of ["index.html", "styles.css", "script.js"])
			expect(made.artifacts.find((one) => one.name === name)?.size).toBeGreaterThan(0);
		expect(made.stages.find(({ stage }) => stage === "test")).toMatchObject({
			status: "succeeded",
			text: expect.stringContaining("Tests passed with node --test"),
		});
		expect(await body(made)).toContain("<h1>Sunrise</h1>");
		expect(await body(made)).toContain("A starter template of Quayside");
		expect(await body(made, "/script.js")).toContain("problemOf");
		expect(await artifact(made.id, "test/site.test.js")).toContain("node:test");
	});

	it("also as a program: the API answers, stores and refuses", { timeout: 240_000 }, async () => {
		const made = await ended(await describeIt(briefs.api ?? ""));
		expect(made).toMatchObject({ status: "succeeded", plan: { kind: "process" } });
		expect(JSON.parse(await body(made, "/api/books"))).toEqual([]);
		expect(await body(made)).toContain("<h1>Shelf</h1>");
	});

	it.each(["docs", "dashboard"])("and of the other kinds, twice the same: %s (R187)", { timeout: 240_000 }, async (kind) => {
		const [made, again] = await twice(() => describeIt(briefs[kind] ?? ""));
		expect(made.status).toBe("succeeded");
		expect(await body(made)).toContain("A starter template of Quayside");
		expect(sayings(again)).toEqual(sayings(made));
		expect(await body(again)).toBe(await body(made));
	});
});

function twice(begin: (run: string) => Promise<DeploymentView>) {
	const once = async (run: string) => ended(await begin(run));
	return Promise.all([once("one"), once("two")]);
}

/** How many of these there are is a matter of time. */
const passing: readonly string[] = ["log", "stage_progress", "agent_status"];

/** What a deployment planned, made and said, without its own names and times. */
function sayings({ project, status, plan, tasks, artifacts, events }: DeploymentView & { events: StreamEvent[] }) {
	const plain = (text: string) =>
		text.replace(new RegExp(`\\b${project.slug}\\b`, "g"), "NAME").replace(/(< )?\d+(\.\d+)? (ms|s)\b/g, "TIME");
	return {
		status,
		plan,
		tasks: tasks.map(({ name, files, acceptance, status }) => ({ name, files, acceptance, status })),
		artifacts: artifacts.map(({ name, size }) => ({ name, size })),
		said: events
			.filter(({ type, metadata }) => !passing.includes(type) && !("final" in metadata && metadata.final === false))
			.map(({ type, agent_name, stage, content }) => [type, agent_name, stage, plain(content)]),
	};
}

describe("a follow-up", () => {
	it("makes a new deployment with a diff, is undone, and all of it can be had as a zip", { timeout: 300_000 }, async () => {
		const first = await ended(await describeIt("A waiting list for Foxglove"));
		const second = await ended(await say(first.id, "make the header blue"));
		expect(second).toMatchObject({ status: "succeeded", number: 2, project: { id: first.project.id }, previewUrl: first.previewUrl });
		expect(second.stages.find(({ stage }) => stage === "write")?.text).toMatch(/1 file changed since deployment 1, \+3 −3$/);
		const diff = await artifact(second.id, "changes.diff");
		expect(diff).toContain("--- a/styles.css\n+++ b/styles.css");
		expect(diff).toContain("+\t--header: #2563eb;");
		expect(await body(second, "/styles.css")).toContain("--header: #2563eb;");

		// What the node has lost is put together again from what was kept, with the same hash.
		for (const name of await readdir(join(platform.home, "sources"))) await rm(join(platform.home, "sources", name), { recursive: true });
		for (const name of await readdir(join(platform.home, "builds"))) await rm(join(platform.home, "builds", name), { recursive: true });
		const retried = await ended(await post(`/api/deployments/${second.id}/retry`, { from: "build" }));
		expect(retried.status).toBe("succeeded");
		expect(retried.tasks.map(({ status }) => status)).toEqual(["done", "done", "done"]);
		expect(await body(retried, "/styles.css")).toContain("--header: #2563eb;");

		const undone = await ended(await say(second.id, "undo"));
		expect(undone.status).toBe("succeeded");
		expect(await body(undone, "/styles.css")).not.toContain("--header: #2563eb;");
		expect(await artifact(undone.id, "changes.diff")).toContain("-\t--header: #2563eb;");

		await pushes([first, second, undone]);

		const zip = await platform.fetch(`/api/deployments/${second.id}/source.zip`);
		expect(zip.headers.get("content-type")).toBe("application/zip");
		const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
		const { artifacts } = (await (await platform.fetch(`/api/deployments/${second.id}/artifacts`)).json()) as { artifacts: ArtifactView[] };
		expect(Object.keys(files).sort()).toEqual(
			second.tasks
				.flatMap(({ files }) => files ?? [])
				.map((path) => `foxglove/${path}`)
				.sort(),
		);
		for (const [path, content] of Object.entries(files))
			expect(createHash("sha256").update(content).digest("hex")).toBe(artifacts.find(({ name }) => `foxglove/${name}` === path)?.sha256);
	});
});

describe("the same words and the same repository (R187)", () => {
	it("become the same with a model that says the same", { timeout: 240_000 }, async () => {
		const model = await startScriptedModel();
		await setUpModel(platform, model.mock.url);
		const [[brief, briefAgain], [site, siteAgain]] = await Promise.all([
			twice(() => describeIt("Create a simple landing page for tide tables, with the tides of the week.")),
			twice((project) => post("/api/deployments", { source: { type: "git", url: "example:static-site" }, project })),
		]);
		expect([brief.status, site.status]).toEqual(["succeeded", "succeeded"]);
		expect(brief.events.filter(({ type }) => type === "agent_response").map(({ content }) => content)).toContain(wordsOf("Deployer"));
		expect(sayings(briefAgain)).toEqual(sayings(brief));
		expect(await body(briefAgain)).toBe(await body(brief));
		expect(sayings(siteAgain)).toEqual(sayings(site));
		await model.stop();
	});
});
