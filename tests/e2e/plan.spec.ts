import type { ProjectSettings } from "#lib/protocol/index.ts";
import { deploy, getDeployment, getPreview } from "../support/deployments.ts";
import type { Platform } from "../support/platform.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { builtBy, twoWays } from "./projects.ts";
import { expectPlainWords, expectStatus } from "./screen.ts";

async function settingsOf(platform: Platform, slug: string): Promise<ProjectSettings> {
	const { settings } = (await (await platform.fetch(`/api/projects/${slug}/settings`)).json()) as { settings: ProjectSettings };
	return settings;
}

test("of two candidates the other one is chosen on the page, deployed, and kept for later deployments", async ({
	member,
	platform,
	git,
}) => {
	await git.add("two-ways", twoWays);
	const first = await deploy(platform, git.url("two-ways"));
	expect((await getPreview(first.previewUrl ?? "")).body).toBe("hello from the app");

	await member.goto(`${platform.url}/deployments/${first.id}?tab=plan`);
	await expect(member.getByText("Procfile:1")).toBeVisible();
	await expectPlainWords(member);
	await member.locator("[data-alternative=static]").getByRole("button", { name: "Use this instead" }).click();
	await expect(member.getByRole("alertdialog")).toContainText("saved in the settings of two-ways");
	await member.getByRole("button", { name: "Save and deploy" }).click();
	await member.waitForURL((url) => url.pathname.startsWith("/deployments/") && !url.pathname.endsWith(first.id));
	await expectStatus(member, "succeeded");
	await expect(member.locator("li[data-stage=clone]")).toContainText("reused");
	expect((await getPreview(first.previewUrl ?? "")).body).toContain("served as files");
	expect(await settingsOf(platform, "two-ways")).toEqual({ plan: { provider: "static" } });

	// The deployment that was live before no longer says that it is.
	await member.goto(`${platform.url}/deployments/${first.id}`);
	await expect(member).toHaveTitle("✓ Succeeded – two-ways");
	await expect(member.locator("[data-standing=replaced]")).toBeVisible();
});

test("a command that is changed in the plan is used; a wrong value is said at its field; all of it can be taken back", async ({
	member,
	platform,
	git,
}) => {
	await git.add("edited", builtBy(`console.log("built", process.argv[2] ?? "as usual");`));
	const first = await deploy(platform, git.url("edited"));
	await member.goto(`${platform.url}/deployments/${first.id}?tab=plan`);
	await member.getByRole("button", { name: "Edit the plan" }).click();
	const build = member.getByLabel("Build command");
	await expect(build).toHaveAttribute("placeholder", "npm run build");
	await member.getByLabel("Port").fill("99999");
	await build.fill("node build.js loudly");
	await member.getByRole("button", { name: "Save", exact: true }).click();
	await expect(member.getByText("Use a number from 1 to 65535.")).toBeVisible();
	await expect(member.getByLabel("Port")).toBeFocused();
	await expectAccessible(member);
	await member.getByLabel("Port").fill("");
	await member.getByRole("button", { name: "Save and retry from Plan" }).click();
	await member.waitForURL((url) => url.pathname.startsWith("/deployments/") && !url.pathname.endsWith(first.id));
	await expectStatus(member, "succeeded");
	await expect(member.locator("[data-log-pane]").getByText("built loudly")).toBeVisible();
	const again = await getDeployment(platform, new URL(member.url()).pathname.split("/").at(-1) ?? "");
	expect(again.plan?.build).toEqual(["node", "build.js", "loudly"]);

	await member.goto(`${platform.url}/projects/edited?tab=settings`);
	await expect(member.getByLabel("Build command")).toHaveValue("node build.js loudly");
	await member.getByRole("button", { name: "Reset to what is detected" }).click();
	await expect(member.getByText("Everything is as detected again")).toBeVisible();
	await expect(member.getByLabel("Build command")).toHaveValue("");
	expect(await settingsOf(platform, "edited")).toEqual({});
});

test("the Dockerfile is read on the page, its words told apart (R164)", async ({ member, platform, git }) => {
	const { id, artifacts } = await deploy(platform, git.url("plain-http"));
	await member.goto(`${platform.url}/deployments/${id}?tab=plan`);
	const file = member.getByRole("region", { name: "Dockerfile" });
	await expect(file.getByText("FROM", { exact: true }).first()).toBeVisible();
	expect((await file.getByText("FROM", { exact: true }).first().getAttribute("class")) ?? "").toMatch(/text-ansi-/);
	const text = await (await platform.fetch(`/api/deployments/${id}/artifacts/Dockerfile`)).text();
	expect(`${(await file.locator("code").allTextContents()).join("\n")}\n`).toBe(text);
	for (const { name } of artifacts) {
		await member.getByRole("list", { name: "Files" }).getByRole("button", { name }).click();
		await expect(member.locator(`[data-artifact="${name}"] code`).first()).toBeVisible();
	}
	await expectAccessible(member);
});
