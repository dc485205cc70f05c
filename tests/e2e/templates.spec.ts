import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { briefs, makeProduct } from "../server/agents/brief/products.ts";

const types: Readonly<Record<string, string>> = {
	html: "text/html; charset=utf-8",
	css: "text/css",
	js: "text/javascript",
	json: "application/json",
};
const files = new Map<string, string>();
let server: Server;
let origin: string;

/** The pages of all templates, each in a folder of its own; the page of a service lies where the service shows it. */
test.beforeAll(async () => {
	for (const [kind, brief] of Object.entries(briefs)) {
		const product = await makeProduct(brief);
		for (const [path, text] of product.files) files.set(kind === "api" ? path.replace(/^page\//, "/") : `/${kind}/${path}`, text);
	}
	server = createServer((request, response) => {
		const path = new URL(request.url ?? "/", "http://site").pathname;
		const text = files.get(path.endsWith("/") ? `${path}index.html` : path);
		response
			.writeHead(text === undefined ? 404 : 200, { "content-type": types[path.split(".").at(-1) ?? ""] ?? "text/html; charset=utf-8" })
			.end(text);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.afterAll(() => server?.close());

async function expectNoViolations(page: Page): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(
		violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} (${any[0]?.message ?? ""})`).join("\n")}`),
	).toEqual([]);
}

for (const kind of Object.keys(briefs)) {
	test(`${kind}: accessible in light and dark, nothing wider than 320 pixels, nothing from elsewhere`, async ({ page }) => {
		const asked: string[] = [];
		const broken: string[] = [];
		page.on("request", (request) => asked.push(new URL(request.url()).origin));
		page.on("pageerror", (error) => broken.push(error.message));
		page.on("response", (response) => response.status() >= 400 && broken.push(response.url()));
		for (const colorScheme of ["light", "dark"] as const) {
			await page.emulateMedia({ colorScheme });
			await page.goto(kind === "api" ? `${origin}/` : `${origin}/${kind}/`);
			await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
			if (kind === "dashboard") await expect(page.getByRole("img")).toHaveCount(3);
			await expectNoViolations(page);
		}
		await page.setViewportSize({ width: 320, height: 700 });
		expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
		await expectNoViolations(page);
		expect(asked.filter((one) => one !== origin && one !== "null")).toEqual([]);
		expect(broken).toEqual([]);
	});
}

test("the todo app keeps its tasks; the search of the documentation finds a page", async ({ page }) => {
	await page.goto(`${origin}/todo/`);
	for (const text of ["Bread", "<b>Milk</b>"]) {
		await page.getByLabel("New task").fill(text);
		await page.keyboard.press("Enter");
	}
	await page.getByLabel("Bread", { exact: true }).check();
	await page.reload();
	await expect(page.getByLabel("Bread", { exact: true })).toBeChecked();
	await expect(page.getByLabel("<b>Milk</b>", { exact: true })).not.toBeChecked();
	await page.getByRole("button", { name: "Open", exact: true }).click();
	await expect(page.getByLabel("Bread", { exact: true })).toHaveCount(0);
	await expect(page.getByRole("status")).toHaveText("1 open");

	await page.goto(`${origin}/docs/`);
	await page.getByLabel("Search these pages").fill("trouble");
	await page.locator("#results").getByRole("link", { name: "Troubleshooting" }).click();
	await expect(page.getByRole("heading", { level: 1, name: "Troubleshooting" })).toBeVisible();
});
