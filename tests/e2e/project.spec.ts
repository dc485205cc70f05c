import { deploy, getPreview, submit, waitForEvent } from "../support/deployments.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { mortal, showsVariables, stubborn } from "./projects.ts";
import { expectPlainWords, expectStatus } from "./screen.ts";

test.describe.configure({ mode: "serial" });

/** Preview of an app that is started again and again, until it counts as crashed. */
let dying = "";

test.beforeAll(async ({ platform, git }) => {
	await git.add("mortal", mortal);
	dying = (await deploy(platform, git.url("mortal"))).previewUrl ?? "";
});

test("the output of an app is followed as it is printed, searched, and stands still for a reader", async ({ member, platform }) => {
	await member.goto(`${platform.url}/projects/mortal?tab=log`);
	const pane = member.getByRole("region", { name: "Runtime log" });
	await expect(pane.getByText("open", { exact: true })).toHaveClass(/text-ansi-green/);
	for (const ship of Array.from({ length: 60 }, (_, index) => index)) await getPreview(dying, `/ship-${ship}`);
	await expect(pane.getByText("a ship asked for /ship-59")).toBeVisible();

	await pane.hover();
	await member.mouse.wheel(0, -500);
	const jump = member.getByRole("button", { name: /^Jump to latest/ });
	await expect(jump).toBeVisible();
	const top = await pane.evaluate((element) => element.scrollTop);
	await getPreview(dying, "/late");
	await expect(jump).toContainText("1 new");
	expect(await pane.evaluate((element) => element.scrollTop)).toBe(top);
	await jump.click();
	await expect(pane.getByText("a ship asked for /late")).toBeVisible();

	await member.getByLabel("Search the runtime log").fill("ship-17");
	await expect(member.locator("[data-runtime-line]")).toHaveText(["a ship asked for /ship-17"]);
	await expect(pane.locator("mark")).toHaveText("ship-17");
	await expect(member).toHaveURL(/[?&]q=ship-17/);
	await member.getByLabel("Search the runtime log").fill("no such words");
	await expect(pane).toContainText("No line has “no such words” in it so far.");
	await expectAccessible(member);

	// From now on it is started again in vain, which takes a while: the last test looks at what came of it.
	await getPreview(dying, "/die").catch(() => undefined);
});

test("a variable for the build and one for the app each reach only whom they are for", async ({ member, platform, git }) => {
	await git.add("variables", showsVariables);
	await deploy(platform, git.url("variables"));
	await member.goto(`${platform.url}/projects/variables?tab=environment`);
	const save = async (name: string, scope: string) => {
		await member.getByLabel("Name", { exact: true }).fill(name);
		await member.getByLabel("Value", { exact: true }).fill(name.toLowerCase());
		await member.getByRole("radio", { name: scope }).check();
		await member.getByRole("checkbox").uncheck();
		await member.getByRole("button", { name: "Save" }).click();
	};
	await save("AT_BUILD", "Build only");
	await expect(member.locator("[data-variable=AT_BUILD]")).toContainText("build only");
	await save("AT_RUN", "App only");
	await expect(member.locator("[data-variable=AT_RUN]")).toContainText("app only");
	await member.getByRole("button", { name: "Deploy now" }).click();
	await member.waitForURL(/\/deployments\//);
	await expectStatus(member, "succeeded");
	await expect(member.locator("[data-log-pane]").getByText("build has at_build and nothing")).toBeVisible();
	const preview = (await member.getByRole("link", { name: "Open", exact: true }).getAttribute("href")) ?? "";
	expect((await getPreview(preview)).body).toBe("app has nothing and at_run");
});

test("limits are saved, kept after a reload, and refused where they make no sense", async ({ member, platform }) => {
	await member.goto(`${platform.url}/projects/mortal?tab=settings`);
	await member.getByLabel("Memory of the app, in MB").fill("12");
	await member.getByLabel("Build", { exact: true }).fill("20");
	await member.getByRole("button", { name: "Save the limits" }).click();
	await expect(member.getByText("Use a whole number from 64 to 65536.")).toBeVisible();
	await expect(member.getByLabel("Memory of the app, in MB")).toBeFocused();
	await member.getByLabel("Memory of the app, in MB").fill("256");
	await member.getByLabel("Sleep when nobody visits").check();
	await member.getByLabel("Minutes without a visitor").fill("45");
	await member.getByRole("button", { name: "Save the limits" }).click();
	await expect(member.getByText("Saved. Sleep counts from now on, the rest from the next deployment.")).toBeVisible();
	const { settings } = (await (await platform.fetch("/api/projects/mortal/settings")).json()) as { settings: unknown };
	expect(settings).toEqual({ memoryMb: 256, sleepAfterMinutes: 45, deadlinesMs: { build: 1_200_000 } });
	await member.reload();
	await expect(member.getByLabel("Minutes without a visitor")).toHaveValue("45");
});

test("for an ssh address the project and its key are there before the first deployment", async ({ member, platform }) => {
	await member.getByLabel("Repository", { exact: true }).fill("git@git.example.com:acme/private-shop.git");
	await member.getByRole("button", { name: "make the project and show me its key" }).click();
	await member.waitForURL(/\/projects\/private-shop\?tab=source/);
	const key = member.locator("[data-public-key]");
	await expect(key).toHaveText(/^ssh-ed25519 \S+ \S+$/);
	await expectAccessible(member);
	const first = await key.textContent();
	await member.getByRole("button", { name: "Make a new key" }).click();
	await member.getByRole("alertdialog").getByRole("button", { name: "Make a new key" }).click();
	await expect(key).not.toHaveText(first ?? "");
	expect((await platform.fetch("/api/projects/private-shop")).status).toBe(200);
});

test("a project is deleted while it runs: nothing of it is left", async ({ member, platform, git }) => {
	await git.add("doomed", stubborn);
	const { id } = await submit(platform, git.url("doomed"));
	await waitForEvent(platform, id, (event) => event.type === "log" && event.metadata.lines.some(({ text }) => text === "working"));
	await member.goto(`${platform.url}/projects/doomed?tab=settings`);
	await member.getByRole("button", { name: "Delete the project" }).click();
	const dialog = member.getByRole("alertdialog");
	await expect(dialog.getByLabel("Type doomed to go on")).toBeFocused();
	await expect(dialog.getByRole("button", { name: "Delete for good" })).toBeDisabled();
	await expectAccessible(member);
	await member.keyboard.press("Escape");
	await expect(dialog).toBeHidden();
	await member.getByRole("button", { name: "Delete the project" }).click();
	await dialog.getByLabel("Type doomed to go on").fill("doomed");
	await dialog.getByRole("button", { name: "Delete for good" }).click();
	await member.waitForURL(`${platform.url}/projects`);
	await expect(member.locator("li[data-project=mortal]")).toBeVisible();
	await expect(member.locator("li[data-project=doomed]")).toHaveCount(0);
	for (const path of ["/api/projects/doomed", `/api/deployments/${id}`])
		await expect.poll(async () => (await platform.fetch(path)).status).toBe(404);
});

test("a crashed app says how it ended, with its last words, and can be started again", async ({ member, platform }) => {
	// It is started again a few times first, each time after a longer pause.
	test.setTimeout(180_000);
	await member.goto(`${platform.url}/projects/mortal`);
	const card = member.locator("[data-now=crashed]");
	await expect(card).toBeVisible({ timeout: 100_000 });
	await expect(card).toContainText("exit code 7");
	await expect(card.locator("pre")).toContainText("Error: the harbour is closed");
	await expectPlainWords(member);
	await expectAccessible(member);
	await card.getByRole("button", { name: "Start" }).click();
	await expect(member.getByRole("button", { name: "Start" }).first()).toBeEnabled({ timeout: 30_000 });
	await card.getByRole("link", { name: "Open the runtime log" }).click();
	await expect(member.getByRole("region", { name: "Runtime log" })).toContainText("Error: the harbour is closed");
});
