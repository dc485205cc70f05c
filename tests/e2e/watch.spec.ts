import { signIn } from "../support/browser.ts";
import { followToEnd, getDeployment } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { silentFor, talkingFor } from "./projects.ts";
import { expectStatus, record, recordingOf, submitRepository, truthOf } from "./screen.ts";

test("a late join, a second tab and a reload show the same truth (U6, U7, U28, R18)", async ({ page, platform, git }) => {
	await git.add("joined", talkingFor(4));
	await signIn(page, platform);
	const id = await submitRepository(page, git.url("joined"));
	await expect(page.getByText("step 5", { exact: true })).toBeVisible({ timeout: 60_000 });

	const late = await page.context().newPage();
	await late.goto(page.url());
	// Whatever of it is in view by then.
	await expect(late.getByText(/^step \d+$/).first()).toBeVisible({ timeout: 60_000 });
	await expectStatus(page, "succeeded");
	await expectStatus(late, "succeeded");
	const after = await page.context().newPage();
	await after.goto(page.url());

	await page.bringToFront();
	const truth = await truthOf(page);
	expect(truth).toMatchObject({ status: "succeeded", progress: "100" });
	await late.bringToFront();
	expect(await truthOf(late)).toEqual(truth);
	await after.bringToFront();
	expect(await truthOf(after)).toEqual(truth);
	await page.bringToFront();
	await page.reload();
	expect(await truthOf(page)).toEqual(truth);

	const log = await (await platform.fetch(`/api/deployments/${id}/log?format=text`)).text();
	expect((truth as { log: string[] }).log).toEqual(log.trimEnd().split("\n"));
});

test("a silent command never leaves the screen still, and the progress never goes back (U2, R16, R17, R18, R25)", async ({
	page,
	platform,
	git,
}) => {
	await git.add("silent", silentFor(12));
	await record(page);
	await signIn(page, platform);
	await submitRepository(page, git.url("silent"));
	const activity = page.locator("[data-activity]");
	await expect(activity).toHaveText(/^Waiting for .+, \d+ s, last output (?:[6-9]|1\d) s ago$/, { timeout: 60_000 });
	await expectStatus(page, "succeeded");
	const { longestStillMs, progress } = await recordingOf(page);
	expect(longestStillMs).toBeGreaterThan(0);
	expect(longestStillMs).toBeLessThan(9000);

	const values = progress.map(({ value }) => value);
	expect(values).toEqual(values.toSorted((a, b) => a - b));
	expect(values.length).toBeGreaterThan(3);
	expect(progress.filter(({ value }) => value === 100)).toEqual([{ value: 100, status: "succeeded" }]);
});

test("every finished stage says what it found, with a figure, and the page carries the id of the request (R32, R33)", async ({
	member,
	platform,
	git,
}) => {
	const [answer, id] = await Promise.all([
		member.waitForResponse((response) => response.request().method() === "POST" && response.url().endsWith("/api/deployments")),
		submitRepository(member, git.url("plain-http")),
	]);
	await expectStatus(member, "succeeded");
	const stages = member.getByRole("list", { name: "Stages" }).getByRole("listitem");
	await expect(stages).toHaveCount(8);
	for (const stage of await stages.all()) {
		await expect(stage).toHaveAttribute("data-status", "succeeded");
		await expect(stage.getByRole("button")).toHaveAttribute("title", /\d/);
	}

	const runId = await member.locator("article[data-run-id]").getAttribute("data-run-id");
	expect(runId).toBe((await getDeployment(platform, id)).correlationId);
	expect(runId).toBe(await answer.headerValue("x-request-id"));
	expect((await followToEnd(platform, id))[0]?.metadata).toMatchObject({ correlation_id: runId });
});
