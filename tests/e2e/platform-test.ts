import { test as base, type Page } from "@playwright/test";
import { signIn } from "../support/browser.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { type Platform, startPlatform } from "../support/platform.ts";

interface Shared {
	/** Added to the platform's environment; null takes a variable away. A file that sets it gets a platform of its own. */
	settings: Readonly<Record<string, string | null>>;
	platform: Platform;
	git: GitServer;
}

/** One real platform and one git server for a file of browser tests; `member` is a page with the admin signed in. */
export const test = base.extend<{ member: Page }, Shared>({
	settings: [{}, { scope: "worker", option: true }],
	git: [
		async ({ browserName: _ }, use) => {
			const git = await startGitServer({
				fixtures: ["static", "plain-http", "express", "vite-react-ts", "failing-build", "nothing-deployable"],
			});
			await use(git);
			await git.stop();
		},
		{ scope: "worker", timeout: 60_000 },
	],
	platform: [
		async ({ settings }, use) => {
			const platform = await startPlatform({ env: settings });
			await use(platform);
			await platform.stop();
		},
		{ scope: "worker", timeout: 120_000 },
	],
	member: async ({ page, platform }, use) => {
		await signIn(page, platform);
		await use(page);
	},
});

export { expect } from "@playwright/test";
