import { signIn } from "../support/browser.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords } from "./screen.ts";

test.use({ settings: { QUAYSIDE_ADMIN_EMAIL: null, QUAYSIDE_ADMIN_PASSWORD: null, QUAYSIDE_TOKEN: null } });
test.describe.configure({ mode: "serial" });

test("the printed link creates the administrator, once", async ({ page, platform }) => {
	await page.goto(platform.url);
	await expect(page).toHaveURL(`${platform.url}/setup`);
	await expect(page.getByLabel("Set-up secret")).toBeVisible();
	await expectAccessible(page);

	await expect.poll(() => platform.output()).toContain("/setup#");
	const link = /http\S+\/setup#\S+/.exec(platform.output())?.[0] ?? "";
	// In the tab that shows the page already only the fragment changes.
	await page.goto(link);
	await expect(page.getByLabel("Set-up secret")).toHaveCount(0);
	await page.goto("about:blank");
	await page.goto(link);
	await expect(page.getByLabel("Set-up secret")).toHaveCount(0);
	expect(page.url()).toBe(`${platform.url}/setup`);
	await page.getByLabel("Your name").fill("Ada");
	await page.getByLabel("Email").fill(platform.admin.email);
	await page.getByLabel("Password").fill(platform.admin.password);
	await page.getByRole("button", { name: "Create account" }).click();
	await expect(page.getByRole("heading", { name: "Bring your first repository in" })).toBeVisible();

	const again = await page.request.post(`${platform.url}/api/auth/setup`, {
		data: { secret: link.split("#")[1], name: "Eve", email: "eve@example.com", password: platform.admin.password },
	});
	expect(again.status()).toBe(403);
	await page.context().clearCookies();
	await page.goto("about:blank");
	await page.goto(link);
	await expect(page.getByRole("heading", { name: "Log in" })).toBeVisible();
});

test("the empty overview explains itself, and the first preview is two clicks away (U26, R185)", async ({ page, platform }) => {
	await signIn(page, platform);
	await expect(page.getByText(/^Nothing has been deployed yet\./)).toBeVisible();
	// Where nothing has happened no page makes up a share, a time or a size.
	for (const path of ["/projects", "/approvals", "/analytics", "/"]) {
		await page.goto(platform.url + path);
		await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
		await expect(page.locator("main")).not.toContainText(/\d\s?%|\d\s(?:s|ms|min|h|B|kB|MB|GB)\b/);
	}
	await expect(page.locator("[data-example]")).toHaveCount(3);
	await page.locator("[data-example=static-site]").click();
	const preview = page.getByRole("link", { name: "Open", exact: true });
	await expect(preview).toBeVisible({ timeout: 60_000 });
	const [opened] = await Promise.all([page.context().waitForEvent("page"), preview.click()]);
	await expect(opened.locator("body")).not.toBeEmpty();
	// Whoever watched it needs not be told, not even the very first time.
	await page.goto(platform.url);
	await expect(page.locator("[data-deployment][data-status=succeeded]")).toBeVisible();
	await expect(page.locator("[data-needs-you]")).toHaveCount(0);
});

test("who is logged out is led to the login, and a wrong password is answered in plain words", async ({ page, platform }) => {
	await signIn(page, platform);
	await page.getByRole("button", { name: /^Account of/ }).click();
	await page.getByRole("button", { name: "Log out" }).click();
	await expect(page).toHaveURL(`${platform.url}/login`);
	await page.goto(`${platform.url}/settings`);
	await expect(page).toHaveURL(`${platform.url}/login?next=%2Fsettings`);

	await page.getByLabel("Email").fill(platform.admin.email);
	await page.getByLabel("Password").fill("not the password");
	await page.getByRole("button", { name: "Log in" }).click();
	await expect(page.getByRole("alert").filter({ hasText: "Email and password do not match." })).toBeVisible();
	await expect(page.getByLabel("Password")).toBeFocused();
	await expectPlainWords(page);

	await page.getByLabel("Password").fill(platform.admin.password);
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(`${platform.url}/settings`);
});

test("an API token works until it is revoked, and is shown once", async ({ member, platform }) => {
	await member.goto(`${platform.url}/settings`);
	await member.getByLabel("Name of the new token").fill("release script");
	await member.getByRole("button", { name: "Make token" }).click();
	const token = (await member.locator("[data-new-token]").textContent()) ?? "";
	const me = () => fetch(`${platform.url}/api/auth/me`, { headers: { authorization: `Bearer ${token}` } });
	expect((await me()).status).toBe(200);

	await member.reload();
	await expect(member.getByText("release script", { exact: true })).toBeVisible();
	expect(await member.content()).not.toContain(token);
	await member.getByRole("button", { name: "Revoke release script" }).click();
	await expect(member.getByText("There are no tokens.")).toBeVisible();
	expect((await me()).status).toBe(401);
});
