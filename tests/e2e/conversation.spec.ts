import { unzipSync } from "fflate";
import { agents } from "#lib/protocol/index.ts";
import { signIn } from "../support/browser.ts";
import { deploy } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords, expectStatus, submitRepository } from "./screen.ts";

test("without a model the agents say in turn what they found, while it happens and afterwards (R181)", async ({ page, platform, git }) => {
	await signIn(page, platform);
	await submitRepository(page, git.url("plain-http"));
	await page.getByRole("tab", { name: "Conversation" }).click();
	const conversation = page.getByRole("region", { name: "Conversation" });
	await expect(conversation.locator("[data-speaker=you]")).toContainText("Deploy http");
	await expectStatus(page, "succeeded");
	const speakers = () =>
		conversation.locator("[data-speaker]").evaluateAll((turns) => turns.map((turn) => turn.getAttribute("data-speaker") ?? ""));
	await expect(conversation.locator("[data-speaker=Deployer]").last()).toContainText("went live at");
	const live = await speakers();
	expect(live[0]).toBe("you");
	expect([...new Set(live.filter((speaker) => speaker !== "you" && speaker !== "Quayside"))]).toEqual([...agents]);
	await expect(conversation.locator("[data-message]")).toHaveCount(5);

	await page.reload();
	await expect(conversation.locator("[data-message]")).toHaveCount(5);
	expect(await speakers()).toEqual(live);
	await expectPlainWords(page);

	const dockerfile = conversation.locator("details[data-file=Dockerfile]").first();
	await dockerfile.locator("summary").click();
	await expect(dockerfile.getByText("FROM", { exact: true }).first()).toBeVisible();
});

test("all files of a deployment are one zip, each as it is stored", async ({ member, platform, git }) => {
	const { id, artifacts, project, number } = await deploy(platform, git.url("static"));
	await member.goto(`${platform.url}/deployments/${id}?tab=plan`);
	const saved = member.waitForEvent("download");
	await member.getByRole("link", { name: "Download all" }).click();
	expect((await saved).suggestedFilename()).toBe(`${project.slug}-${number}.zip`);
	const answer = await platform.fetch(`/api/deployments/${id}/artifacts/archive`);
	const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));
	expect(Object.keys(files).sort()).toEqual(artifacts.map(({ name }) => name).sort());
	for (const { name } of artifacts) {
		const stored = await (await platform.fetch(`/api/deployments/${id}/artifacts/${encodeURIComponent(name)}`)).arrayBuffer();
		expect(Buffer.from(files[name] ?? []).equals(Buffer.from(stored))).toBe(true);
	}
});
