import { access } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { liveFixtures } from "#tests/fixtures/live.ts";
import { deploy, getPreview } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;
beforeAll(async () => {
	git = await startGitServer({ fixtures: Object.keys(liveFixtures) });
	platform = await startPlatform();
});
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

describe.concurrent("every fixture is cloned, planned, built and deployed, and its preview answers (R163)", () => {
	it.for(Object.entries(liveFixtures))("%s", { timeout: 300_000 }, async ([name, { path = "/", text, directory, needs }], context) => {
		if (needs && !(await isInstalled(needs))) context.skip(`${needs} is not installed on this machine`);
		const { status, previewUrl, error } = await deploy(platform, git.url(name), { directory, withinMs: 290_000 });
		expect({ status, error }).toEqual({ status: "succeeded", error: null });
		expect(await getPreview(previewUrl ?? "", path)).toEqual({ status: 200, body: expect.stringContaining(text) });
	});
});

it("the schema of quayside.json is published", async () => {
	const response = await fetch(new URL("/quayside.schema.json", platform.url));
	expect(response.status).toBe(200);
	expect(await response.json()).toMatchObject({ title: "quayside.json", additionalProperties: false });
});

/** Builds see the programs of /usr alone. */
async function isInstalled(program: string): Promise<boolean> {
	const places = ["/usr/local/bin", "/usr/bin", "/bin"].map((folder) => access(`${folder}/${program}`));
	return Promise.any(places).then(
		() => true,
		() => false,
	);
}
