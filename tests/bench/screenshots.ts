import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Page } from "playwright";
import { needsVariable, stubborn } from "../e2e/projects.ts";
import { launchBrowser, signIn } from "../support/browser.ts";
import { deploy, submit, waitForEvent } from "../support/deployments.ts";
import { startGitServer } from "../support/git-server.ts";
import { startPlatform } from "../support/platform.ts";

/**
 * npm run screenshots [-- FOLDER]: every page with real deployments on it, in both themes and three widths, as pictures for people to look
 * at. Says what is wider than its screen, and every error a page wrote to its console; ends with 1 where there was any.
 */
const folder = resolve(process.argv[2] ?? "test-results/screenshots");
const widths = [390, 768, 1440];
const themes = ["light", "dark"] as const;

const git = await startGitServer({ fixtures: ["static", "plain-http"] });
const platform = await startPlatform();
const browser = await launchBrowser();
const wrong: string[] = [];
let taken = 0;
try {
	await mkdir(folder, { recursive: true });
	await git.add("fails", needsVariable);
	await git.add("busy", stubborn);
	const page = await (await browser.newContext()).newPage();
	page.on("console", (message) => message.type() === "error" && wrong.push(`${page.url()}: ${message.text()}`));
	await picture(page, "login", "/login");
	await signIn(page, platform);
	await picture(page, "first-run", "/");
	for (const [name, path] of await deployments()) await picture(page, name, path);
} finally {
	await browser.close();
	await platform.stop();
	await git.stop();
}
console.log(`${taken} pictures in ${folder}`);
for (const line of wrong) console.log(`wrong: ${line}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** Deploys what the pages shall show; answers each page's name and path. */
async function deployments(): Promise<[string, string][]> {
	const first = await deploy(platform, git.url("plain-http"));
	const second = await deploy(platform, git.url("plain-http"));
	const live = await deploy(platform, git.url("static"));
	const failed = await deploy(platform, git.url("fails"));
	const brief = await deployBrief("A landing page for my bakery Sunrise with prices and a contact form.");
	const { id: waiting } = await submit(platform, git.url("static"), { approvals: "deploy" });
	await waitForEvent(platform, waiting, (event) => event.type === "approval_requested");
	const { id: running } = await submit(platform, git.url("busy"));
	await waitForEvent(platform, running, (event) => event.type === "log" && event.metadata.lines.some(({ text }) => text === "working"));
	return [
		["overview", "/"],
		["deployment-running", `/deployments/${running}`],
		["deployment-failed", `/deployments/${failed.id}`],
		["deployment-live", `/deployments/${live.id}`],
		["deployment-plan", `/deployments/${live.id}?tab=plan`],
		["deployment-preview", `/deployments/${live.id}?tab=preview`],
		["deployment-timeline", `/deployments/${second.id}?tab=timeline`],
		["deployment-timeline-failed", `/deployments/${failed.id}?tab=timeline`],
		["deployment-conversation", `/deployments/${second.id}?tab=conversation`],
		["deployment-brief", `/deployments/${brief}`],
		["deployment-waiting", `/deployments/${waiting}`],
		["approvals", "/approvals"],
		["project-settings", "/projects/plain-http?tab=settings"],
		["settings-models", "/settings/models"],
		["compare", `/deployments/${second.id}/compare?with=${first.id}`],
		["shared", await sharedPath(second.id)],
		["shared-failed", await sharedPath(failed.id)],
		["projects", "/projects"],
		["project", "/projects/plain-http"],
		["project-environment", "/projects/plain-http?tab=environment"],
		["analytics", "/analytics"],
		["settings", "/settings"],
		["not-found", "/nothing-here"],
	];
}

async function deployBrief(text: string): Promise<string> {
	const body = JSON.stringify({ source: { type: "brief", text } });
	const answer = await platform.fetch("/api/deployments", { method: "POST", headers: { "content-type": "application/json" }, body });
	const { deployment } = (await answer.json()) as { deployment: { id: string } };
	await waitForEvent(platform, deployment.id, ({ type }) => type === "deployment_completed");
	return deployment.id;
}

async function sharedPath(id: string): Promise<string> {
	const headers = { "content-type": "application/json" };
	const answer = await platform.fetch(`/api/deployments/${id}/share`, { method: "POST", headers, body: "{}" });
	return `/share/${((await answer.json()) as { token: string }).token}`;
}

async function picture(page: Page, name: string, path: string): Promise<void> {
	for (const colorScheme of themes) {
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
		for (const width of widths) {
			await page.setViewportSize({ width, height: 900 });
			const answer = await page.goto(platform.url + path);
			await page.getByRole("heading", { level: 1 }).waitFor();
			await page.waitForFunction(() => !document.body.textContent.includes("Loading"));
			const shown = await page.evaluate(() => document.documentElement.scrollWidth);
			if (shown > width) wrong.push(`${name} is ${shown} px wide at ${width}`);
			// The browser itself writes an error for a page that is answered with 404, as this one must be.
			if (answer?.status() === 404) wrong.splice(0, wrong.length, ...wrong.filter((line) => !line.includes("404")));
			await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
			taken++;
		}
	}
}
