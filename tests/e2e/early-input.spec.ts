import type { Page } from "@playwright/test";
import { deploy } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { builtBy } from "./projects.ts";

/** Keeps every script of the page from it until they are let go. */
async function holdScripts(page: Page): Promise<() => void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	await page.route(/\/_next\/static\/.*\.js/, async (route) => {
		await promise;
		await route.continue();
	});
	return resolve;
}

test("what is typed and clicked before the scripts are there counts: nobody's password reaches the address", async ({ page, platform }) => {
	const release = await holdScripts(page);
	await page.goto(`${platform.url}/login?next=%2Fprojects`, { waitUntil: "commit" });
	await page.getByLabel("Email").fill(platform.admin.email);
	await page.getByLabel("Password", { exact: true }).fill(platform.admin.password);
	await page.keyboard.press("Enter");
	await expect(page.locator("html[data-early-input]")).toBeAttached();
	expect(new URL(page.url()).search).toBe("?next=%2Fprojects");
	release();
	await page.waitForURL(`${platform.url}/projects`);
});

test("a button of a part that comes late and a key count once they can, and a field keeps its text", async ({ member, platform, git }) => {
	await git.add("early", builtBy(`console.log("built");`));
	const { id } = await deploy(platform, git.url("early"));
	const release = await holdScripts(member);
	await member.goto(`${platform.url}/deployments/${id}?tab=plan`, { waitUntil: "commit" });
	await member.getByRole("button", { name: "Edit the plan" }).dblclick();
	await member.keyboard.press("?");
	await expect(member.locator("html[data-early-input]")).toBeAttached();
	release();
	await expect(member.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
	await member.keyboard.press("Escape");
	await expect(member.getByLabel("Build command")).toHaveAttribute("placeholder", "npm run build");
	await expect(member.locator("html[data-early-input]")).not.toBeAttached();

	await member.unroute(/\/_next\/static\/.*\.js/);
	const releaseAgain = await holdScripts(member);
	await member.goto(platform.url, { waitUntil: "commit" });
	await member.getByLabel("Repository", { exact: true }).fill("https://example.com/owner/early.git");
	releaseAgain();
	await expect(member.locator("html[data-early-input]")).not.toBeAttached();
	// What React holds, and not only the page: it is still there after the field was taken away and put back.
	await member.getByRole("button", { name: "Describe it" }).click();
	await member.getByRole("button", { name: "A repository" }).click();
	await expect(member.getByLabel("Repository", { exact: true })).toHaveValue("https://example.com/owner/early.git");

	await member.unroute(/\/_next\/static\/.*\.js/);
	const releaseForm = await holdScripts(member);
	await member.goto(`${platform.url}/projects/early?tab=environment`, { waitUntil: "commit" });
	await member.getByRole("radio", { name: "App only" }).click();
	releaseForm();
	await expect(member.locator("html[data-early-input]")).not.toBeAttached();
	await member.getByLabel("Name", { exact: true }).fill("EARLY");
	await expect(member.getByRole("radio", { name: "App only" })).toBeChecked();
});
