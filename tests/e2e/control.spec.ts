import type { DeploymentRow, ReleaseView } from "#lib/protocol/index.ts";
import { deploy, getPreview, submit, waitForEvent } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { stubborn, talkingFor } from "./projects.ts";
import { expectStatus, submitRepository } from "./screen.ts";

test.use({ settings: { QUAYSIDE_BUILDS: "1" } });

test("a second deployment waits its turn, says so, and starts by itself after the first was cancelled (R161)", async ({
	member,
	platform,
	git,
}) => {
	await git.add("stubborn", stubborn);
	const { id: first } = await submit(platform, git.url("stubborn"));
	await waitForEvent(platform, first, (event) => event.type === "log" && event.metadata.lines.some(({ text }) => text === "working"));

	const second = await submitRepository(member, git.url("static"));
	await expectStatus(member, "queued");
	await expect(member.locator("[data-activity]")).toHaveText(/^In the queue, 1 deployment before this one, \d+ s$/);
	const overview = await member.context().newPage();
	await overview.goto(platform.url);
	await expect(overview.locator(`article[data-deployment="${second}"]`)).toContainText("1 deployment before this one");

	const other = await member.context().newPage();
	await other.goto(`${platform.url}/deployments/${first}`);
	await other.getByRole("button", { name: "Cancel", exact: true }).click();
	await expect(other.getByRole("alertdialog")).toBeVisible();
	await other.getByRole("button", { name: "Keep going" }).click();
	await expectStatus(other, "running");
	await other.getByRole("button", { name: "Cancel", exact: true }).click();
	await other.getByRole("button", { name: "Cancel deployment" }).click();
	await expectStatus(other, "cancelled", 18_000);
	await expect(other.getByText(/^\d+ processes stopped, and nothing is left running\.$/)).toBeVisible();
	await expect(other.locator("li[data-stage=build] button")).toHaveAttribute("title", /^Stopped \d+ processes in \d\.\d s/);

	await expectStatus(member, "succeeded");
	await expect(overview.locator(`li[data-deployment="${second}"]`)).toHaveAttribute("data-status", "succeeded");
});

test("rollback brings the older release back whole; stop and start do what they say", async ({ member, platform, git }) => {
	const page = (text: string) => ({ "index.html": `<!doctype html><title>shop</title><p>${text}</p>` });
	await git.add("shop", page("first version"));
	const { previewUrl } = await deploy(platform, git.url("shop"));
	await git.commit("shop", page("second version"));
	await deploy(platform, git.url("shop"));
	const preview = () => getPreview(previewUrl ?? "");
	expect((await preview()).body).toContain("second version");

	await member.goto(`${platform.url}/projects/shop`);
	const newer = member.locator("li[data-release]").nth(0);
	const older = member.locator("li[data-release]").nth(1);
	await expect(newer).toHaveAttribute("data-active", "true");
	await older.getByRole("button", { name: "Roll back to this" }).click();
	await expect(older).toHaveAttribute("data-active", "true");
	await expect(older).toContainText("Live");
	expect(await preview()).toMatchObject({ status: 200, body: expect.stringContaining("first version") });

	await older.getByRole("button", { name: "Stop" }).click();
	await member.getByRole("button", { name: "Stop it" }).click();
	await expect(older.getByRole("button", { name: "Start" })).toBeVisible();
	expect(await preview()).toMatchObject({ status: 503, body: expect.stringContaining("stopped") });
	await older.getByRole("button", { name: "Start" }).click();
	await expect(older.getByRole("button", { name: "Stop" })).toBeVisible();
	await expect.poll(async () => (await preview()).status).toBe(200);
});

test("an app with a process is stopped, started again and restarted", async ({ member, platform, git }) => {
	const { previewUrl } = await deploy(platform, git.url("plain-http"));
	const status = async () => (await getPreview(previewUrl ?? "")).status;
	await member.goto(`${platform.url}/projects/plain-http`);
	const release = member.locator("li[data-release]").first();
	await release.getByRole("button", { name: "Stop" }).click();
	await release.getByRole("button", { name: "Stop it" }).click();
	await expect(release.getByRole("button", { name: "Start", exact: true })).toBeVisible();
	await expect.poll(status).toBe(503);
	await release.getByRole("button", { name: "Start", exact: true }).click();
	await expect(release).toContainText("Live");
	await expect.poll(status).toBe(200);
	await release.getByRole("button", { name: "Restart" }).click();
	await expect(release.getByRole("button", { name: "Restart" })).toBeEnabled();
	await expect(release).toContainText("Live");
	await expect.poll(status).toBe(200);
	const { releases } = (await (await platform.fetch("/api/projects/plain-http/releases")).json()) as { releases: ReleaseView[] };
	expect(releases.map(({ status }) => status)).toEqual(["live"]);
});

test("a secret is written and never shown again, a variable is (R246)", async ({ member, platform, git }) => {
	await deploy(platform, git.url("static"));
	await member.goto(`${platform.url}/projects/static?tab=environment`);
	const save = async (name: string, value: string, secret: boolean) => {
		await member.getByLabel("Name", { exact: true }).fill(name);
		await member.getByLabel("Value", { exact: true }).fill(value);
		await member.getByRole("checkbox").setChecked(secret);
		await member.getByRole("button", { name: "Save" }).click();
		await expect(member.locator(`[data-variable=${name}]`)).toBeVisible();
	};
	await save("API_KEY", "hunter2-and-some-more", true);
	await save("PUBLIC_NAME", "the web shop", false);
	await expect(member.locator("[data-variable=API_KEY]")).toContainText("secret, not shown");
	await expect(member.locator("[data-variable=PUBLIC_NAME]")).toContainText("the web shop");
	expect(await member.content()).not.toContain("hunter2");
	const html = await (await member.reload())?.text();
	expect(html).toContain("the web shop");
	expect(html).not.toContain("hunter2");
	for (const path of ["env", ""])
		expect(await (await platform.fetch(`/api/projects/static/${path}`.replace(/\/$/, ""))).text()).not.toContain("hunter2");

	await member.getByRole("button", { name: "Remove API_KEY" }).click();
	await expect(member.locator("[data-variable=API_KEY]")).toHaveCount(0);
	await member.getByLabel("Name", { exact: true }).fill("PORT");
	await member.getByRole("button", { name: "Save" }).click();
	await expect(member.locator("#env-problem")).not.toBeEmpty();
	await expect(member.getByLabel("Name", { exact: true })).toBeFocused();
	const { deployments } = (await (await platform.fetch("/api/deployments?project=static")).json()) as { deployments: DeploymentRow[] };
	expect(JSON.stringify(deployments)).not.toContain("hunter2");
});

test("a deployment is paused after the stage that runs, and goes on when it is resumed", async ({ member: page, platform, git }) => {
	await git.add("to-pause", talkingFor(4));
	await page.goto(platform.url);
	await submitRepository(page, git.url("to-pause"));
	await expect(page.getByText("step 3", { exact: true })).toBeVisible({ timeout: 60_000 });
	await page.getByRole("button", { name: "Pause", exact: true }).click();
	await expect(page.getByText("Building, then it pauses")).toBeVisible();
	await expectStatus(page, "paused");
	await expect(page.getByText("Nothing runs until you resume it.")).toBeVisible();
	await expect(page.locator('li[data-stage="build"]')).toHaveAttribute("data-status", "succeeded");
	await expect(page.locator('li[data-stage="test"]')).toHaveAttribute("data-status", "pending");
	await page.reload();
	await expectStatus(page, "paused");
	await page.getByRole("button", { name: "Resume" }).click();
	await expectStatus(page, "succeeded");
	await expect(page.getByRole("button", { name: "Pause", exact: true })).toHaveCount(0);
});
