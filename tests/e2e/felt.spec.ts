import { setTimeout as delay } from "node:timers/promises";
import { median } from "../bench/figures.ts";
import { figuresOf, scriptsOf, watchPage } from "../bench/ui/page-figures.ts";
import { signIn } from "../support/browser.ts";
import { openStoreOf, writeDeployment } from "../support/long-deployment.ts";
import { expect, test } from "./platform-test.ts";
import { expectRing, ringOf } from "./screen.ts";

/** What people feel, with three times the bound where it is a time; the figures themselves are measured by `npm run bench ui`. */

const fast4g = { offline: false, latency: 165, downloadThroughput: 1_012_500, uploadThroughput: 168_750 };

test("the first load is small, and paints soon on a slow machine and network (U3)", async ({ page, platform, browser }) => {
	const store = await openStoreOf(platform);
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const written = await writeDeployment(store, user.id);
		await written.log(200);
		await signIn(page, platform);
		const session = await page.context().storageState();
		for (const path of ["/", `/deployments/${written.id}`]) {
			const context = await browser.newContext({ storageState: session });
			const weighed = await context.newPage();
			const { firstKb } = await scriptsOf(weighed, platform.url + path);
			await weighed.close();
			const fresh = await context.newPage();
			await watchPage(fresh);
			expect(firstKb).toBeGreaterThan(50);
			expect(firstKb).toBeLessThanOrEqual(220);
			const slow = await context.newCDPSession(fresh);
			await slow.send("Network.enable");
			await slow.send("Network.setCacheDisabled", { cacheDisabled: true });
			await slow.send("Network.emulateNetworkConditions", fast4g);
			await slow.send("Emulation.setCPUThrottlingRate", { rate: 4 });
			await fresh.goto(platform.url + path);
			await expect(fresh.getByRole("heading", { level: 1 })).toBeVisible();
			await expect.poll(async () => (await figuresOf(fresh)).lcpMs).toBeGreaterThan(0);
			expect((await figuresOf(fresh)).lcpMs).toBeLessThanOrEqual(6000);
			await context.close();
		}
	} finally {
		await store.stop();
	}
});

test("clicks and keys are answered while 1,000 lines a second arrive (U4, R234)", async ({ page, platform }) => {
	const store = await openStoreOf(platform);
	let printing = true;
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const written = await writeDeployment(store, user.id);
		await written.log(5000, { perEvent: 100 });
		await watchPage(page);
		await signIn(page, platform);
		await page.goto(`${platform.url}/deployments/${written.id}`);
		await expect(page.getByLabel("Link to line 5000", { exact: true })).toBeVisible();
		const click = async () => {
			for (let clicks = 0; clicks < 8; clicks++) await page.getByRole("button", { name: "Show times" }).click();
		};
		await click();
		const quiet = median([16, ...(await figuresOf(page)).interactions]);
		const lines = (async () => {
			const began = performance.now();
			for (let printed = 0; printing; printed += 100) {
				await written.log(100, { perEvent: 100 });
				await delay(Math.max(0, began + printed + 100 - performance.now()));
			}
		})();
		await click();
		await page.getByRole("tab", { name: "Events" }).click();
		await page.getByRole("tab", { name: "Logs" }).click();
		await page.getByLabel("Search the log").pressSequentially("button-7", { delay: 50 });
		printing = false;
		await lines;
		const { interactions } = await figuresOf(page);
		expect(interactions.length).toBeGreaterThan(10);
		// What other tests leave of the machine slows a quiet page down just as well.
		expect(median(interactions)).toBeLessThanOrEqual(Math.max(300, 3 * quiet));
	} finally {
		printing = false;
		await store.stop();
	}
});

test("without colour every state is still told from the others (U23)", async ({ member, platform }) => {
	const store = await openStoreOf(platform);
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const ids: Record<string, string> = {};
		for (const status of ["succeeded", "failed", "cancelled", "paused"] as const) {
			const written = await writeDeployment(store, user.id);
			ids[status] = written.id;
			if (status === "paused") await written.append([{ type: "status", content: "Paused.", metadata: { status } }]);
			else
				await written.append([
					{ type: "deployment_completed", content: status, metadata: { status, duration_ms: 1, error: null, stopped_processes: 0 } },
				]);
		}
		await member.goto(platform.url);
		await member.addStyleTag({ content: "html { filter: grayscale(1) }" });
		const looks: string[] = [];
		for (const [status, id] of Object.entries(ids)) {
			const row = member.locator(`[data-deployment="${id}"]`);
			await expect(row).toHaveAttribute("data-status", status);
			const badge = row.locator("span.rounded-md:has(svg)").first();
			looks.push(await badge.evaluate((element) => `${element.textContent} ${element.querySelector("svg")?.getAttribute("class")}`));
		}
		expect(new Set(looks.map((look) => look.split(" ")[0])).size).toBe(looks.length);
		expect(new Set(looks.map((look) => /lucide-[\w-]+/.exec(look.replace("lucide ", ""))?.[0])).size).toBe(looks.length);
	} finally {
		await store.stop();
	}
});

test("an agent's card wears a blue ring while it thinks and works and a red one when it failed, for whoever wants it without motion (R222, R223, R224)", async ({
	member,
	platform,
}) => {
	const store = await openStoreOf(platform);
	try {
		const { user } = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const written = await writeDeployment(store, user.id);
		const become = (status: "thinking" | "working" | "failed") =>
			written.append([{ type: "agent_status", agent_name: "Tester", content: status, metadata: { status, task: status, progress: null } }]);
		await member.goto(`${platform.url}/deployments/${written.id}`);
		const tester = member.locator("li[data-agent=Tester]");
		await expectRing(tester, "info");
		for (const [status, tone] of [
			["thinking", "info"],
			["failed", "danger"],
		] as const) {
			await become(status);
			await expect(tester).toHaveAttribute("data-status", status);
			await expectRing(tester, tone);
		}
		expect((await ringOf(member.locator("li[data-agent=Deployer]"))).opacity).toBe("0");
		await member.emulateMedia({ reducedMotion: "reduce" });
		expect((await ringOf(tester)).duration).toBe("0s");
	} finally {
		await store.stop();
	}
});
