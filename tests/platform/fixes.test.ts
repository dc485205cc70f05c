import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { addBroken, brokenProjects, deployBroken, firstCause } from "#tests/support/broken-projects.ts";
import { followToEnd, getDeployment, submit, waitForEvent } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;
beforeAll(async () => {
	git = await startGitServer();
	platform = await startPlatform({ env: { QUAYSIDE_BUILDS: "3" } });
});
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

async function artifact(id: string, name: string): Promise<string> {
	const response = await platform.fetch(`/api/deployments/${id}/artifacts/${name}`);
	return response.ok ? response.text() : `no ${name}: ${response.status}`;
}

describe.concurrent("what fails for a known cause is repaired by rule, and its preview answers (R201)", () => {
	it.for(Object.entries(brokenProjects))("%s", { timeout: 300_000 }, async ([name, { cause, text, settings }]) => {
		await addBroken(platform, git, { name, settings: { ...settings, ...automatic } });
		const { deployment, events, body } = await deployBroken(platform, git, name, 280_000);
		expect({ status: deployment.status, error: deployment.error, cause: firstCause(events) }).toEqual({
			status: "succeeded",
			error: null,
			cause,
		});
		expect(body).toContain(text);
		const [fix] = deployment.fixes;
		expect(fix).toMatchObject({ number: 1, cause, status: "applied", kept_from: null });
		expect(await artifact(deployment.id, "fix-1.diff")).toBe(fix?.diff);
		const { activity: _, epoch: __, ...state } = deployment;
		expect(foldAll(deployment.id, events)).toEqual(state);
	});
});

const automatic = { fixes: "automatic" } as const;

describe("a repair", () => {
	it("is not made where the project does not ask for it: the deployment fails with its known cause", { timeout: 120_000 }, async () => {
		const name = "repairs-off";
		await addBroken(platform, git, { name, fixture: "script-missing", settings: {} });
		const { deployment } = await deployBroken(platform, git, name, 110_000);
		expect(deployment).toMatchObject({ status: "failed", fixes: [], error: { cause: "script_missing" } });
	});

	it("is not made up where only a person knows what is missing", { timeout: 120_000 }, async () => {
		const name = "env-secret";
		await addBroken(platform, git, { name, settings: automatic });
		const { deployment } = await deployBroken(platform, git, name, 110_000);
		expect(deployment).toMatchObject({ status: "failed", fixes: [], error: { cause: "env_missing" } });
		expect(deployment.error?.action).toContain("“PAYMENT_API_KEY” on the project's Environment page");
	});

	it("is kept for later deployments as long as its file is the same, and the repository is as it was", { timeout: 360_000 }, async () => {
		const name = "kept-repair";
		await addBroken(platform, git, { name, fixture: "script-missing", settings: automatic });
		const first = await deployBroken(platform, git, name, 110_000);
		expect(first.deployment).toMatchObject({ status: "succeeded", fixes: [{ kept_from: null }] });
		const again = await deployBroken(platform, git, name, 110_000);
		expect(again.deployment).toMatchObject({ status: "succeeded", fixes: [{ kept_from: first.deployment.number, status: "applied" }] });
		expect(firstCause(again.events)).toBeNull();
		// The same commit with the same repair is the same build.
		expect(again.deployment.stages.find(({ stage }) => stage === "build")).toMatchObject({ reused: true });
		const source = again.deployment.stages.find(({ stage }) => stage === "clone")?.output.source ?? "";
		expect(await readFile(join(platform.home, "sources", source, "quayside.json"), "utf8")).toContain("npm run build-site");
		await git.commit(name, { "quayside.json": '{ "build": "npm run build:site", "output": "dist" }\n' });
		const mended = await deployBroken(platform, git, name, 110_000);
		expect(mended.deployment).toMatchObject({ status: "succeeded", fixes: [] });
	});

	it("waits for a person where the project asks one, and is made or left out as they say", { timeout: 240_000 }, async () => {
		const name = "asked-repair";
		await addBroken(platform, git, { name, fixture: "env-missing", settings: { fixes: "ask" } });
		const ask = async (decision: "approve" | "reject") => {
			const { id } = await submit(platform, git.url(name), { project: name });
			await waitForEvent(platform, id, (event) => event.type === "approval_requested");
			expect(await getDeployment(platform, id)).toMatchObject({ status: "waiting", fixes: [{ status: "proposed" }] });
			const response = await platform.fetch(`/api/deployments/${id}/approvals/fix-1`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify({ decision }),
			});
			expect(response.ok).toBe(true);
			await followToEnd(platform, id);
			return getDeployment(platform, id);
		};
		expect(await ask("reject")).toMatchObject({ status: "failed", error: { cause: "env_missing" }, fixes: [{ status: "declined" }] });
		expect(await ask("approve")).toMatchObject({ status: "succeeded", fixes: [{ status: "applied" }] });
	});

	it("is there again after kill -9 of the server in the middle of it", { timeout: 180_000 }, async () => {
		const name = "killed-repair";
		await addBroken(platform, git, { name, fixture: "env-missing", settings: automatic });
		const { id } = await submit(platform, git.url(name), { project: name });
		await waitForEvent(platform, id, (event) => event.type === "fix_applied");
		await platform.kill9();
		await platform.restart();
		const events = await followToEnd(platform, id);
		const { activity: _, epoch: __, ...state } = await getDeployment(platform, id);
		expect(state).toMatchObject({ status: "succeeded", fixes: [{ cause: "env_missing", status: "applied" }] });
		expect(events.filter(({ type }) => type === "fix_applied")).toHaveLength(1);
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
		expect(foldAll(id, events)).toEqual(state);
	});
});
