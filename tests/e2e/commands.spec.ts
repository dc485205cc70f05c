import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { talkingFor } from "./projects.ts";
import { expectStatus, submitRepository } from "./screen.ts";

test("the palette finds a project, a deployment and what can be done, by a few letters", async ({ member: page, platform, git }) => {
	await git.add("harbour", talkingFor(1));
	await page.goto(platform.url);
	await submitRepository(page, git.url("harbour"));
	await expectStatus(page, "succeeded");

	await page.keyboard.press("Control+k");
	const palette = page.getByRole("dialog", { name: "Search and commands" });
	await expect(palette.getByRole("combobox")).toBeFocused();
	await expect(palette.getByRole("option", { name: "harbour #1" })).toBeVisible();
	await expectAccessible(page);
	await page.keyboard.type("nothing is called this");
	await expect(palette.getByText("Nothing of that name.")).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(palette).toBeHidden();

	await page.getByRole("button", { name: "Search and commands" }).click();
	await expect(palette.getByRole("combobox")).toBeFocused();
	await page.keyboard.type("harb");
	await palette.getByRole("option", { name: "harbour", exact: true }).click();
	await page.waitForURL(/\/projects\/harbour/);
	await expect(palette).toBeHidden();

	await page.keyboard.press("Control+k");
	await expect(palette.getByRole("combobox")).toBeFocused();
	await page.keyboard.type("harbour #1");
	await expect(palette.getByRole("option").first()).toContainText("#1");
	await page.keyboard.press("Enter");
	await page.waitForURL(/\/deployments\//);
});

test("single keys lead everywhere, do nothing in a field, and can be switched off (U19)", async ({ member: page, platform, git }) => {
	await git.add("by-keys", talkingFor(1));
	await page.goto(`${platform.url}/settings`);
	await expect(page.locator("[data-connection=connected]")).toBeVisible();
	await page.keyboard.press("n");
	const field = page.getByLabel("Repository", { exact: true });
	await expect(field).toBeFocused();
	await page.keyboard.type("gp?");
	await expect(field).toHaveValue("gp?");
	await field.fill("");
	const deployment = await submitRepository(page, git.url("by-keys"));
	await expectStatus(page, "succeeded");

	await page.keyboard.press("/");
	await expect(page.getByLabel("Search the log")).toBeFocused();
	await page.keyboard.type("step");
	await expect(page.getByText(/^1 of \d+/)).toBeVisible();
	await page.locator("[data-log-pane]").focus();
	await page.keyboard.press("n");
	await expect(page.getByText(/^2 of \d+/)).toBeVisible();
	await page.keyboard.press("N");
	await expect(page.getByText(/^1 of \d+/)).toBeVisible();
	await page.keyboard.press("t");
	await expect(page.getByRole("button", { name: "Show times" })).toHaveAttribute("aria-pressed", "true");
	await page.getByLabel("Search the log").fill("");
	await page.locator("[data-log-pane]").focus();

	await page.keyboard.press("j");
	await expect(page).toHaveURL(/stage=clone/);
	await page.keyboard.press("k");
	await expect(page).not.toHaveURL(/stage=/);
	await page.keyboard.press("5");
	await expect(page.locator('[data-agent="Deployer"]')).toBeFocused();
	await page.keyboard.press("?");
	const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
	await expect(sheet.getByText("Open the preview")).toBeVisible();
	await expectAccessible(page);
	await page.keyboard.press("Escape");
	await expect(sheet).toBeHidden();
	const [preview] = await Promise.all([page.context().waitForEvent("page"), page.keyboard.press("o")]);
	await expect(preview.getByText("hello from the app")).toBeVisible();
	await preview.close();

	await page.keyboard.press("?");
	await sheet.getByLabel("Single keys do something").uncheck();
	await page.keyboard.press("Escape");
	await expect(sheet).toBeHidden();
	await page.reload();
	await expect(page.locator("[data-connection=connected]")).toBeVisible();
	await page.keyboard.press("g");
	await page.keyboard.press("p");
	await page.keyboard.press("Control+k");
	await expect(page.getByRole("combobox", { name: "Search and commands" })).toBeFocused();
	await page.keyboard.type("keyboard short");
	await page.keyboard.press("Enter");
	await expect(sheet).toBeVisible();
	expect(page.url()).toContain(deployment);
	await sheet.getByLabel("Single keys do something").check();
	await page.keyboard.press("Escape");
	await expect(sheet).toBeHidden();
	await page.keyboard.press("g");
	await page.keyboard.press("p");
	await expect(page).toHaveURL(/\/projects$/);
});

test("x asks before it cancels", async ({ member: page, platform, git }) => {
	await git.add("to-cancel", talkingFor(60));
	await page.goto(platform.url);
	await submitRepository(page, git.url("to-cancel"));
	await expectStatus(page, "running");
	await page.keyboard.press("x");
	const question = page.getByRole("alertdialog", { name: "Cancel this deployment?" });
	await expect(question).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(question).toBeHidden();
	await page.keyboard.press("x");
	await page.getByRole("button", { name: "Cancel deployment" }).click();
	await expectStatus(page, "cancelled");
});
