import { deploy } from "../support/deployments.ts";
import { expect, test } from "./platform-test.ts";

/** What a page of a preview can find out about the dashboard it was opened from, and about whoever is signed in there. */
async function spy(dashboard: string): Promise<Record<string, unknown>> {
	const tried = async (read: () => unknown): Promise<unknown> => {
		try {
			return (await read()) ?? null;
		} catch (error) {
			return (error as Error).name;
		}
	};
	const frame = document.createElement("iframe");
	frame.src = `${dashboard}/login`;
	const loaded = new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
	document.body.append(frame);
	await loaded;
	return {
		cookie: document.cookie,
		kept: localStorage.getItem("kept"),
		fetched: await tried(async () => (await fetch(`${dashboard}/api/auth/me`, { credentials: "include" })).status),
		framed: await tried(() => frame.contentWindow?.document.cookie),
		opener: await tried(() => window.opener?.localStorage.getItem("kept")),
		set: await tried(() => {
			document.cookie = `quayside_session=planted; domain=${new URL(dashboard).hostname}; path=/`;
			return document.cookie.includes("planted");
		}),
	};
}

test("a page of a preview reads nothing of the dashboard, and changes nothing in it (R254)", async ({ member, platform, git }) => {
	await git.add("spy", { "index.html": "<!doctype html><title>Spy</title><p>Hello" });
	const { previewUrl } = await deploy(platform, git.url("spy"));
	await member.goto(platform.url);
	await member.evaluate(() => localStorage.setItem("kept", "a secret of the dashboard"));
	const opened = member.context().waitForEvent("page");
	await member.evaluate((url) => void window.open(url), previewUrl ?? "");
	const preview = await opened;
	await preview.waitForLoadState();
	expect(await preview.title()).toBe("Spy");
	const found = await preview.evaluate(spy, platform.url);
	expect(found).toEqual({
		cookie: "",
		kept: null,
		fetched: "TypeError",
		framed: expect.stringMatching(/^(SecurityError|TypeError)$/),
		// The dashboard keeps a browsing context of its own, so that whom it opens does not know it.
		opener: null,
		set: false,
	});
	const cookies = await member.context().cookies(previewUrl ?? "");
	expect(cookies.filter(({ name }) => name.startsWith("quayside"))).toEqual([]);
	expect((await member.context().cookies(platform.url)).map(({ value }) => value)).not.toContain("planted");
	await member.reload();
	await expect(member).not.toHaveURL(/login/);
});
