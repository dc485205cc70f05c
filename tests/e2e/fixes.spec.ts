import { addBroken, deployBroken } from "../support/broken-projects.ts";
import { submit } from "../support/deployments.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords, expectStatus } from "./screen.ts";

test("what the Developer repaired is on the page: on its card, beside the preview, and as a diff", async ({ member, platform, git }) => {
	const name = "script-missing";
	await addBroken(platform, git, { name, settings: {} });
	await member.goto(`${platform.url}/projects/${name}?tab=settings`);
	await member.getByLabel("When a rule knows how to repair what failed").selectOption("automatic");
	await member.getByRole("button", { name: "Save what is repaired" }).click();
	await expect(member.getByText("Saved. It counts from the next stage on, also in a deployment that runs.")).toBeVisible();
	const { id } = await submit(platform, git.url(name), { project: name });
	await member.goto(`${platform.url}/deployments/${id}`);
	await expectStatus(member, "succeeded");
	await expect(member.locator("[data-repaired]")).toContainText("Run the script “build:site”, which there is, in place of “build-site”");
	await expect(member.locator("li[data-agent=Developer]")).toContainText("Repaired: Run the script");
	await member.getByRole("tab", { name: "Plan & artifacts" }).click();
	const fix = member.locator("[data-fix=script_missing]");
	await expect(fix).toHaveAttribute("data-fix-status", "applied");
	await expect(fix).toContainText('+	"build": "npm run build:site",');
	await expect(member.getByRole("list", { name: "Files" })).toContainText("fix-1.diff");
	await expectAccessible(member);
	await expectPlainWords(member);
	const { deployment } = await deployBroken(platform, git, name, 60_000);
	await member.goto(`${platform.url}/projects/${name}`);
	await expect(member.locator(`[data-release="${deployment.release}"]`)).toContainText("with 1 repair");
});
