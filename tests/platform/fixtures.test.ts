import { afterAll, beforeAll, expect, it } from "vitest";
import { followToEnd, getDeployment, getPreview, submit } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

const expected = {
	static: "Harbour lights",
	"vite-react-ts": '<div id="root">',
	express: "<h1>Notes</h1>",
	"plain-http": "Hello from plain http",
} as const;

let platform: Platform;
let git: GitServer;
beforeAll(async () => {
	git = await startGitServer({ fixtures: Object.keys(expected) });
	platform = await startPlatform();
});
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

it.each(Object.entries(expected))(
	"%s is cloned, planned, built and deployed, and its preview answers (R163)",
	async (name, text) => {
		const { id } = await submit(platform, git.url(name));
		await followToEnd(platform, id);
		const { status, previewUrl, error } = await getDeployment(platform, id);
		expect({ status, error }).toEqual({ status: "succeeded", error: null });
		expect(await getPreview(previewUrl ?? "")).toEqual({ status: 200, body: expect.stringContaining(text) });
	},
	120_000,
);
