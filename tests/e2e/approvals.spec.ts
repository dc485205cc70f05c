import type { Page } from "@playwright/test";
import type { ServerFrame } from "#lib/protocol/index.ts";
import { signIn } from "../support/browser.ts";
import { deploy, getDeployment, submit, waitForEvent } from "../support/deployments.ts";
import type { Platform } from "../support/platform.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords, expectStatus } from "./screen.ts";

/** A deployment that has come as far as to ask. */
async function asking(platform: Platform, url: string, kind: "plan" | "deploy"): Promise<string> {
	const { id } = await submit(platform, url, { approvals: kind });
	await waitForEvent(platform, id, (event) => event.type === "approval_requested");
	return id;
}

const bar = (page: Page) => page.locator("[data-approval-bar]");
const answer = (page: Page, button: string) => page.getByRole("alertdialog").getByRole("button", { name: button, exact: true });

test("a question is on every page, survives a reload, and is answered from its own page by key (U18, R237)", async ({
	member: page,
	platform,
	git,
}) => {
	await page.goto(`${platform.url}/projects`);
	await expect(page.locator("[data-connection=connected]")).toBeVisible();
	const id = await asking(platform, git.url("static"), "deploy");
	// Other tests may have deployed it before.
	const { number } = await getDeployment(platform, id);
	await expect(bar(page)).toContainText(`static #${number} waits for you to approve the deploy.`);
	await page.reload();
	await expect(bar(page)).toBeVisible();
	await expectAccessible(page);
	await page.goto(platform.url);
	const question = page.locator("[data-needs-you] li").filter({ hasText: `static #${number}: Approve the deploy?` });
	await expect(question).toBeVisible();
	await expectAccessible(page);
	await question.getByRole("link", { name: "Review" }).click();
	await page.waitForURL(`${platform.url}/deployments/${id}`);
	await expectStatus(page, "waiting");
	await expect(page).toHaveTitle("! Approval needed – static");
	await expect(page.getByText("What changes for visitors")).toBeVisible();
	await expect(bar(page)).toHaveCount(0);
	await expectAccessible(page);
	await expectPlainWords(page);
	expect((await getDeployment(platform, id)).release).toBeNull();

	await page.keyboard.press("a");
	await expect(page.getByRole("alertdialog")).toBeVisible();
	await page.keyboard.press("Escape");
	await expectStatus(page, "waiting");
	await page.keyboard.press("a");
	await page.getByRole("alertdialog").getByLabel("Note (optional)").fill("Looks right");
	await answer(page, "Approve").click();
	await expectStatus(page, "succeeded");
	const { approvals } = await getDeployment(platform, id);
	expect(approvals).toMatchObject([{ status: "approved", note: "Looks right", by: { via: "session" } }]);
});

test("a plan is changed and approved in one step; what cannot be carried out is said and stays in the form", async ({
	member: page,
	platform,
	git,
}) => {
	const id = await asking(platform, git.url("plain-http"), "plan");
	await page.goto(`${platform.url}/deployments/${id}`);
	await expect(page.getByText("What will be done")).toBeVisible();
	await page.getByRole("button", { name: "Edit and approve" }).click();
	const form = page.getByRole("form", { name: "Plan" });
	await expectAccessible(page);
	await form.getByLabel("Start nothing, serve files").check();
	await form.getByRole("button", { name: "Approve with these changes" }).click();
	await expect(page.getByText("cannot be carried out", { exact: false })).toBeVisible();
	await expectStatus(page, "waiting");
	await form.getByLabel("Start nothing, serve files").uncheck();
	await form.getByLabel("Health path").fill("/healthy");
	await form.getByRole("button", { name: "Approve with these changes" }).click();
	await expectStatus(page, "succeeded");
	expect(await getDeployment(platform, id)).toMatchObject({
		plan: { healthPath: "/healthy" },
		approvals: [{ status: "approved", edited: true }],
	});
	await page.getByRole("tab", { name: "Conversation" }).click();
	await expect(page.getByText("changed and approved the plan", { exact: false }).first()).toBeVisible();
});

test("answered in one tab: another follows, and one that did not hear of it is told by whom (R275)", async ({
	member: page,
	browser,
	platform,
	git,
}) => {
	const id = await asking(platform, git.url("static"), "deploy");
	const follower = await page.context().newPage();
	await follower.goto(`${platform.url}/approvals`);
	await expect(follower.locator(`[data-approval="${id}"]`)).toContainText("Live now");
	await expectAccessible(follower);
	// Another browser, whose live updates are off.
	const elsewhere = await browser.newContext();
	const late = await elsewhere.newPage();
	await signIn(late, platform);
	await late.goto(`${platform.url}/settings`);
	await late.getByRole("switch", { name: "Live updates" }).click();
	await late.goto(`${platform.url}/approvals`);
	await late.locator(`[data-approval="${id}"]`).getByRole("button", { name: "Approve…" }).click();

	await page.goto(`${platform.url}/deployments/${id}`);
	await page.getByRole("button", { name: "Reject…" }).click();
	await page.getByRole("alertdialog").getByLabel("Note (optional)").fill("Not on a Friday");
	await answer(page, "Reject").click();
	await expectStatus(page, "cancelled");
	await expect(page.locator("[data-banner=cancelled]")).toContainText("rejected the deploy: Not on a Friday.");
	await expect(follower.getByText("Nothing waits for you")).toBeVisible();

	await answer(late, "Approve").click();
	await expect(late.getByText("You have rejected this already.", { exact: false })).toBeVisible();
	await expect(late.getByText("Nothing waits for you")).toBeVisible();
	await elsewhere.close();
});

test("a project's settings say what a person approves", async ({ member: page, platform, git }) => {
	await deploy(platform, git.url("static"));
	await page.goto(`${platform.url}/projects/static?tab=settings`);
	await page.getByLabel("What a person approves").selectOption("all");
	await page.getByRole("button", { name: "Save what is approved" }).click();
	await expect(page.getByText("It counts from the next deployment on.")).toBeVisible();
	const { id } = await submit(platform, git.url("static"));
	await waitForEvent(platform, id, (event) => event.type === "approval_requested" && event.metadata.kind === "plan");
	await page.getByLabel("What a person approves").selectOption("none");
	await page.getByRole("button", { name: "Save what is approved" }).click();
	await expect(page.getByText("It counts from the next deployment on.")).toBeVisible();
	await platform.fetch(`/api/deployments/${id}/cancel`, { method: "POST" });
});

test("a failure stays on the overview until somebody has seen it, and no longer (R84)", async ({ member: page, platform, git }) => {
	const failed = await deploy(platform, git.url("nothing-deployable"));
	const other = await deploy(platform, git.url("nothing-deployable"));
	const shown = (id: string) => page.locator("[data-needs-you] li").filter({ has: page.locator(`a[href="/deployments/${id}"]`) });
	const failures = shown(failed.id).or(shown(other.id));
	for (const show of [() => page.goto(platform.url), () => page.reload()]) {
		await show();
		await expect(failures).toHaveCount(2);
		await expect(page.locator("[data-toast]")).toHaveCount(0);
	}
	await shown(failed.id).getByRole("link", { name: "Show" }).click();
	await page.waitForURL(`${platform.url}/deployments/${failed.id}`);
	await page.getByRole("link", { name: "Quayside", exact: true }).click();
	await expect(failures).toHaveCount(1);
	await failures.getByRole("button", { name: "Seen" }).click();
	await expect(failures).toHaveCount(0);
	await expect.poll(async () => (await unseenBy(platform)).filter((id) => id === failed.id || id === other.id)).toEqual([]);
	await page.reload();
	await expect(page.locator("[data-connection=connected]")).toBeVisible();
	await expect(failures).toHaveCount(0);
});

/** Deployments of which a new page would be told because nobody has acknowledged it. */
async function unseenBy(platform: Platform): Promise<string[]> {
	const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
	const answer = await platform.fetch("/live/poll", { method: "POST", body: JSON.stringify({ subs: [{ stream: `user/${user.id}` }] }) });
	const frames = (await answer.json()) as ServerFrame[];
	return frames.flatMap((frame) => (frame.t === "sub" ? (frame.unseen ?? []).map(({ deployment_id: id }) => id ?? "") : []));
}
