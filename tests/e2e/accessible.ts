import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** axe finds nothing wrong with the page as it is, in the light theme and in the dark one. */
export async function expectAccessible(page: Page): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${colorScheme}\\b`));
		const { violations } = await new AxeBuilder({ page }).analyze();
		const found = violations.map(
			({ id, nodes }) => `${colorScheme}: ${id}: ${nodes.map(({ html, any }) => `${html} (${any[0]?.message ?? ""})`).join("\n")}`,
		);
		expect(found).toEqual([]);
	}
	await page.emulateMedia({ colorScheme: "light" });
}
