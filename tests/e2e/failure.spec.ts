import { getDeployment } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";
import { builtBy, needsVariable } from "./projects.ts";
import { expectPlainWords, expectStatus, submitRepository } from "./screen.ts";

test("a failed build says what failed and what to do, and works after it was done (U13, U14, R211)", async ({ member, platform, git }) => {
	await git.add("needs-variable", needsVariable);
	const id = await submitRepository(member, git.url("needs-variable"));
	await expectStatus(member, "failed");

	const card = member.locator("main").getByRole("alert").filter({ hasText: "Failed in Build" });
	await expect(card).toContainText("Failed in Build: Variable missing");
	await expect(card).toContainText("“API_BASE” is not set: the project needs this variable while it is built.");
	await expect(card).toContainText("ended with exit code 3");
	await expect(card.locator("[data-decisive]")).toHaveText("Error: API_BASE is not set");
	await expect(card.getByText("npm run build", { exact: true })).toBeVisible();
	await expect(card.getByText("Error: API_BASE is not set")).toBeVisible();
	await expect(card.getByText(/^code: build_failed/)).toBeHidden();
	await card.getByText("Technical details").click();
	await expect(card.getByText(/reference: \S+/)).toBeVisible();
	await card.getByText("Technical details").click();
	await expectPlainWords(member);
	await expect(member).toHaveTitle("✕ Failed in Build – needs-variable");

	const { error, previewUrl } = await getDeployment(platform, id);
	const lineInLog = member.locator("[data-log-pane]").getByText("Error: API_BASE is not set");
	await expect(lineInLog).not.toBeInViewport();
	await card.getByRole("button", { name: "Show in the log" }).click();
	await expect(member).toHaveURL(new RegExp(`[?&]line=${error?.first_line}\\b`));
	await expect(lineInLog).toBeInViewport();

	// Opened anew, its log stands at that line; a link to the line leads right to it.
	await member.goto(`${platform.url}/deployments/${id}?line=${error?.first_line}`);
	await expect(lineInLog).toBeInViewport();
	await member.goto(`${platform.url}/deployments/${id}`);
	await expect(member).toHaveURL(new RegExp(`[?&]line=${error?.first_line}\\b`));
	await expect(card).toBeInViewport();

	// Nothing went live, and the agent that never came to work says why.
	expect(previewUrl).toBeNull();
	await expect(member.getByRole("link", { name: "Open", exact: true })).toHaveCount(0);
	const deployer = member.locator("li[data-agent=Deployer]");
	await expect(deployer).toHaveAttribute("data-status", "skipped");
	await expect(deployer).toContainText(/\bbuild\b/i);

	// The card leads to the variable that is missing, with its name filled in, and from there back.
	await card.getByRole("link", { name: "Set API_BASE" }).click();
	await expect(member.getByText("Not live yet")).toBeVisible();
	await expect(member.getByLabel("Name", { exact: true })).toHaveValue("API_BASE");
	await expect(member.getByLabel("Value", { exact: true })).toBeFocused();
	await member.keyboard.type("https://api.example.com");
	await member.getByRole("checkbox").uncheck();
	await member.getByRole("button", { name: "Save" }).click();
	await expect(member.locator("[data-variable=API_BASE]")).toContainText("https://api.example.com");
	await member.getByRole("link", { name: "Back to the failed deployment" }).click();
	await expect(card).toBeVisible();
	await member.getByRole("button", { name: "Retry from Build" }).click();
	await member.waitForURL((url) => url.pathname.startsWith("/deployments/") && !url.pathname.endsWith(id));
	await expectStatus(member, "succeeded");
	await expect(member.getByRole("link", { name: "Retry of an earlier deployment" })).toBeVisible();
	for (const stage of ["clone", "analyze", "plan", "write"])
		await expect(member.locator(`li[data-stage=${stage}]`)).toContainText("reused");
	await expect(member.locator("li[data-stage=build]")).not.toContainText("reused");
	await expect(member.getByRole("link", { name: "Open", exact: true })).toBeVisible();
});

test("a failure before somebody's eyes moves the log to its first error, unless they have moved through it themselves (U9, U13)", async ({
	member,
	platform,
	git,
}) => {
	/** Prints 60 steps, an error among them, rests, and prints 90 more before it fails. */
	const breaks = (restMs: number) =>
		builtBy(`const steps = (from, to) => {
	for (let n = from; n <= to; n++) console.log("step " + n);
};
steps(1, 20);
console.error("Error: the crane is broken");
steps(21, 60);
setTimeout(() => {
	steps(61, 150);
	process.exitCode = 1;
}, ${restMs});`);
	const decisive = member.locator("[data-log-pane]").getByText("Error: the crane is broken");
	await git.add("breaks", breaks(0));
	await submitRepository(member, git.url("breaks"));
	await expectStatus(member, "failed");
	await expect(member).toHaveURL(/[?&]line=\d+/);
	await expect(decisive).toBeVisible();

	await git.add("breaks-too", breaks(8000));
	await member.goto(platform.url);
	await submitRepository(member, git.url("breaks-too"));
	const pane = member.locator("[data-log-pane]");
	await expect(pane.getByText("step 60", { exact: true })).toBeVisible({ timeout: 60_000 });
	await pane.hover();
	await member.mouse.wheel(0, -400);
	await expect(member.getByRole("button", { name: /^Jump to latest/ })).toBeVisible();
	await expectStatus(member, "failed");
	await expect(member.getByText("The lines that matter")).toBeVisible();
	await expect(member).not.toHaveURL(/[?&]line=/);
});

test("a build that the registry's own tool fails opens at its error (U13)", async ({ member, git }) => {
	await submitRepository(member, git.url("failing-build"));
	await expectStatus(member, "failed", 110_000);
	const card = member.locator("main").getByRole("alert").filter({ hasText: "Failed in Build" });
	await expect(card.locator("pre").last()).toContainText("./harbor.js");
	await expectPlainWords(member);
});

test("nothing deployable is explained, and every later stage says that it was left out (R6)", async ({ member, git }) => {
	await submitRepository(member, git.url("nothing-deployable"));
	await expectStatus(member, "failed");
	const card = member.locator("main").getByRole("alert").filter({ hasText: "Failed in Plan" });
	await expect(card).toContainText("index.html");
	await expect(card.getByRole("link", { name: "Open the source" })).toBeVisible();
	for (const stage of ["write", "build", "test", "deploy", "verify"]) {
		await expect(member.locator(`li[data-stage=${stage}]`)).toHaveAttribute("data-status", "skipped");
	}
	for (const agent of ["Developer", "Tester", "Deployer"]) {
		const skipped = member.locator(`li[data-agent=${agent}]`);
		await expect(skipped).toHaveAttribute("data-status", "skipped");
		await expect(skipped).not.toContainText("Has not started");
	}
	await expectPlainWords(member);
});

test("a repository that does not exist is said in plain words, with what to do (U14)", async ({ member, git }) => {
	await submitRepository(member, git.url("no-such-repository"));
	await expectStatus(member, "failed");
	const card = member.locator("main").getByRole("alert").filter({ hasText: "Failed in Clone" });
	await expect(card).toContainText("The repository was not found, or it is private.");
	await expect(card).toContainText("Check the address, or add an access token.");
	await expectPlainWords(member);
});

test("what is not there, or not one's own, is a page that says so", async ({ member, platform }) => {
	for (const path of ["/deployments/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/projects/no-such-project", "/nothing"]) {
		const answer = await member.goto(platform.url + path);
		expect(answer?.status()).toBe(404);
		await expect(member.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
		await expectPlainWords(member);
	}
});
