import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { type ArtifactView, agents } from "#lib/protocol/index.ts";
import { followToEnd, getPreview } from "../support/deployments.ts";
import type { Platform } from "../support/platform.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords, expectStatus } from "./screen.ts";

const address = /\/deployments\/[0-9A-Z]{26}/;
const idIn = (url: string) => new URL(url).pathname.split("/").at(-1) ?? "";

/** Each file of a deployment is shown as it is stored, what changed to the one before too, and the zip of all has the stored hashes. */
async function expectEveryFile(page: Page, platform: Platform, id: string): Promise<void> {
	const { artifacts } = (await (await platform.fetch(`/api/deployments/${id}/artifacts`)).json()) as { artifacts: ArtifactView[] };
	expect(artifacts.map(({ name }) => name)).toEqual(expect.arrayContaining(["index.html", "styles.css", "changes.diff"]));
	await page.getByRole("tab", { name: "Plan & artifacts" }).click();
	for (const { name } of artifacts) {
		await page.getByRole("list", { name: "Files" }).getByRole("button", { name, exact: false }).click();
		const shown = page.locator(`[data-artifact="${name}"] code`);
		await expect(shown.first()).toBeVisible();
		const stored = await (await platform.fetch(`/api/deployments/${id}/artifacts/${encodeURIComponent(name)}`)).text();
		expect((await shown.allTextContents()).join("\n").trimEnd()).toBe(stored.trimEnd());
	}
	const [archive] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download all" }).click()]);
	const entries = unzipSync(await readFile(await archive.path()));
	const hashes = Object.entries(entries).map(([name, bytes]) => [name, createHash("sha256").update(bytes).digest("hex")]);
	expect(Object.fromEntries(hashes)).toEqual(Object.fromEntries(artifacts.map(({ name, sha256 }) => [name, sha256])));
}

test("a brief goes through five agents to a preview; a follow-up changes it and is undone; every file can be read and taken along (U30, R10, R139, R140, R158)", async ({
	member,
	platform,
	git,
}) => {
	test.setTimeout(300_000);
	await member.getByRole("button", { name: "Describe it" }).click();
	await member.getByLabel("Brief", { exact: true }).fill("A landing page for my bakery Sunrise with prices and a contact form");
	await member.keyboard.press("Control+Enter");
	await member.waitForURL(address);
	const first = idIn(member.url());
	await expectStatus(member, "succeeded");
	const events = await followToEnd(platform, first);
	expect(events.flatMap((event) => (event.type === "agent_response" ? [event.agent_name] : []))).toEqual(agents);
	await expect(member.getByText("Starter template", { exact: true })).toBeVisible();
	await member.getByRole("tab", { name: "Plan & artifacts" }).click();
	for (const task of ["HTML structure", "CSS styles", "Form validation"])
		await expect(member.getByRole("region", { name: "Tasks" }).getByRole("listitem").filter({ hasText: task })).toContainText("done");
	for (const file of ["index.html", "styles.css", "script.js"]) await expect(member.getByRole("button", { name: file })).toBeVisible();
	const preview = (await member.getByRole("link", { name: "Open", exact: true }).getAttribute("href")) ?? "";
	expect((await getPreview(preview)).body).toContain("<h1>Sunrise</h1>");

	const visitor = await member.context().newPage();
	await visitor.goto(preview);
	await visitor.getByLabel("Name").fill("Ada");
	await visitor.getByLabel("Email").fill("no address");
	await visitor.getByRole("button", { name: "Send" }).click();
	await expect(visitor.getByText("This does not look like an email address.")).toBeVisible();
	await expect(visitor.getByLabel("Email")).toBeFocused();
	await visitor.close();

	await member.getByLabel("Ask for a change").fill("make it pop");
	await member.getByRole("button", { name: "Send", exact: true }).click();
	await expect(member.getByRole("alert").filter({ hasText: "“make it pop” was not understood" })).toBeVisible();
	await expect(member.getByLabel("Ask for a change")).toHaveValue("make it pop");
	await expectPlainWords(member);
	await expectAccessible(member);

	await member.getByLabel("Ask for a change").fill("make the header blue");
	await member.getByRole("button", { name: "Send", exact: true }).click();
	await member.waitForURL((url) => address.test(url.pathname) && idIn(url.href) !== first);
	await expectStatus(member, "succeeded");
	const changes = member.getByRole("region", { name: "Changes" });
	await expect(changes.getByText("+	--header: #2563eb;").first()).toBeVisible();
	expect((await getPreview(preview, "/styles.css")).body).toContain("--header: #2563eb;");
	await expectAccessible(member);
	// The files lie in their folders; the one that changed shows how.
	await member.getByRole("tab", { name: "Conversation" }).click();
	const tree = member.getByRole("region", { name: "Conversation" }).locator("[data-files]");
	await expect(tree.locator("[data-folder=test]").locator("[data-file='test/site.test.js']")).toBeVisible();
	const changed = tree.locator("details[data-file='styles.css']");
	await expect(changed.getByText("Changed", { exact: true })).toBeVisible();
	await changed.locator("summary").click();
	await expect(changed.getByRole("region", { name: "Changes in styles.css" }).getByText("+\t--header: #2563eb;").first()).toBeVisible();
	await expectAccessible(member);
	await member.getByRole("tab", { name: "Plan & artifacts" }).click();
	await member.getByRole("button", { name: "styles.css" }).click();
	await member.getByText("In other deployments").click();
	await member.getByRole("list", { name: "styles.css in other deployments" }).getByRole("link", { name: "Deployment 1" }).click();
	await member.waitForURL((url) => idIn(url.href) === first && url.searchParams.get("file") === "styles.css");
	await expect(member.locator("[data-artifact='styles.css']")).toBeVisible();
	await member.goBack();
	await member.waitForURL((url) => idIn(url.href) !== first);

	const second = idIn(member.url());
	await expectEveryFile(member, platform, second);
	await member.getByRole("button", { name: "Undo the last one" }).click();
	await member.waitForURL((url) => address.test(url.pathname) && idIn(url.href) !== second);
	await expectStatus(member, "succeeded");
	await expect(changes.getByText("-	--header: #2563eb;").first()).toBeVisible();
	expect((await getPreview(preview, "/styles.css")).body).not.toContain("--header: #2563eb;");
	const [zip] = await Promise.all([member.waitForEvent("download"), member.getByRole("link", { name: "Download as zip" }).click()]);
	expect(zip.suggestedFilename()).toBe("sunrise-3.zip");

	await git.add("theirs", { "README.md": "mine" });
	await git.allowPush("theirs");
	await member.getByRole("button", { name: "Push to git" }).click();
	const dialog = member.getByRole("dialog", { name: "Push to git" });
	await dialog.getByLabel("Repository").fill(git.url("theirs"));
	await dialog.getByRole("button", { name: "Push", exact: true }).click();
	await expect(dialog.getByRole("alert")).toContainText("has commits that were not pushed from here");
	await dialog.getByLabel("Branch").fill("site");
	await dialog.getByRole("button", { name: "Push", exact: true }).click();
	await expect(dialog.getByRole("status")).toContainText("branch site, as commit");
	await expectAccessible(member);
});

test("a bad brief gets a plain answer where it was typed, and loses no text (R7)", async ({ member }) => {
	const field = member.getByLabel("Brief", { exact: true });
	const send = member.getByRole("button", { name: "Make it", exact: true });
	const sent: string[] = [];
	member.on(
		"request",
		(request) => request.method() === "POST" && new URL(request.url()).pathname === "/api/deployments" && sent.push(request.url()),
	);
	await member.getByRole("button", { name: "Describe it" }).click();
	for (const [text, why] of [
		["", "The brief is empty."],
		["a", "too short"],
		["🎉🎉", "no words"],
		["<script>alert(1)</script>", "only code"],
		["landing page ".repeat(4000), "too long: it has 51,999 characters"],
		["a page that phishes passwords", "harms people"],
	] as const) {
		await field.fill(text);
		await send.click();
		await expect(member.getByRole("alert").filter({ hasText: why })).toBeVisible();
		await expect(field).toBeFocused();
		await expect(field).toHaveValue(text);
	}
	expect(sent).toEqual([]);
	// What only the server can tell comes back with the text.
	for (const [text, why] of [
		["make it good", "does not say what is to be made"],
		["build a time machine", "nobody can make"],
	] as const) {
		await field.fill(text);
		await send.click();
		await expect(member.getByRole("alert").filter({ hasText: why })).toBeVisible();
		await expect(field).toHaveValue(text);
		await expect(field).toBeFocused();
	}
	await expectPlainWords(member);
	await expectAccessible(member);
	// Neither text is lost when the other one is looked at.
	await member.getByRole("button", { name: "A repository" }).click();
	await member.getByLabel("Repository", { exact: true }).fill("https://git.example.com/acme/site");
	await member.getByRole("button", { name: "Describe it" }).click();
	await expect(field).toHaveValue("build a time machine");
	await member.getByRole("button", { name: "A repository" }).click();
	await expect(member.getByLabel("Repository", { exact: true })).toHaveValue("https://git.example.com/acme/site");
});
