import { signIn } from "../support/browser.ts";
import { getPreview } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { record, recordingOf } from "./screen.ts";

test("a repository becomes a live preview, watched from the click on (R1, R2, R19, R95, R151, R159, R163)", async ({
	page: member,
	git,
	platform,
}) => {
	await record(member);
	await signIn(member, platform);
	await member.getByLabel("Repository", { exact: true }).fill(git.url("static"));
	await member.getByRole("button", { name: "Deploy", exact: true }).click();
	await expect(member).toHaveURL(/\/deployments\/[0-9A-Z]{26}/);
	expect((await recordingOf(member)).paintedMs).not.toBeNull();
	for (const agent of ["Analyst", "Architect", "Developer", "Tester", "Deployer"]) {
		await expect(member.getByText(agent, { exact: true }).first()).toBeVisible();
	}

	const preview = member.getByRole("link", { name: "Open", exact: true });
	await expect(preview).toBeVisible({ timeout: 60_000 });
	const address = (await preview.getAttribute("href")) ?? "";
	expect((await getPreview(address)).status).toBe(200);

	const visitor = await member.context().newPage();
	await visitor.goto(address);
	await expect(visitor.locator("body")).not.toBeEmpty();
	expect(new URL(visitor.url()).host).toMatch(new RegExp(`\\.localhost:${platform.port}$`));
});

test("what cannot be deployed says so, with what to do (R6, R13)", async ({ member, git }) => {
	await member.getByLabel("Repository", { exact: true }).fill("ftp://example.com/x");
	await member.getByRole("button", { name: "Deploy", exact: true }).click();
	await expect(member.getByLabel("Repository", { exact: true })).toBeFocused();
	await expect(member).toHaveURL(/\/$/);

	await member.getByLabel("Repository", { exact: true }).fill(git.url("failing-build"));
	await member.getByRole("button", { name: "Deploy", exact: true }).click();
	await expect(member).toHaveURL(/\/deployments\/[0-9A-Z]{26}/);
	await expect(member.getByRole("button", { name: /retry/i }).first()).toBeVisible({ timeout: 90_000 });
});
