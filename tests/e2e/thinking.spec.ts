import { errorCatalogue } from "#lib/errors.ts";
import { formatCount, groupThousands } from "#lib/format.ts";
import { agents, type DeploymentMetrics, type EventOf, type StreamEvent } from "#lib/protocol/index.ts";
import { signIn } from "../support/browser.ts";
import { followToEnd, getDeployment, getPreview, waitForEvent } from "../support/deployments.ts";
import { cuts, drops, refuses, says, startModelServer } from "../support/model-server.ts";
import type { Platform } from "../support/platform.ts";
import { productFiles, type ScriptedModel, setUpModel, startScriptedModel, wordsOf } from "../support/scripted-model.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";
import { expectPlainWords, expectStatus } from "./screen.ts";

// A platform of its own: its agents have a model.
test.use({ settings: { QUAYSIDE_BUILDS: "2" } });
test.describe.configure({ mode: "serial" });

let model: ScriptedModel;
test.beforeAll(async ({ platform }) => {
	model = await startScriptedModel({ latencyMs: 100 });
	await setUpModel(platform, model.mock.url);
});
test.afterAll(() => model?.stop());

async function deploy(platform: Platform, source: object): Promise<string> {
	const answer = await platform.fetch("/api/deployments", {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ source }),
	});
	expect(answer.status).toBe(202);
	return ((await answer.json()) as { deployment: { id: string } }).deployment.id;
}

const whole = (events: readonly StreamEvent[]) =>
	events.filter((event): event is EventOf<"agent_response"> => event.type === "agent_response" && event.metadata.final !== false);

test("a brief becomes a preview: five agents in order, each answer growing before one's eyes (R43, R158, R174, R181, R241)", async ({
	page,
	platform,
}) => {
	test.setTimeout(240_000);
	await signIn(page, platform);
	const id = await deploy(platform, {
		type: "brief",
		text: "Create a simple landing page for tide tables, with the tides of the week.",
	});
	await page.addInitScript(() => {
		const grown = new Set<string>();
		Object.assign(window, { grown });
		document.addEventListener("DOMContentLoaded", () => {
			new MutationObserver(() => {
				const text = document.querySelector("[data-growing]")?.textContent;
				if (text) grown.add(text);
			}).observe(document.body, { subtree: true, childList: true, characterData: true });
		});
	});
	await page.goto(`${platform.url}/deployments/${id}?tab=conversation`);
	await expectStatus(page, "succeeded", 200_000);
	const conversation = page.getByRole("region", { name: "Conversation" });
	await expect(conversation.locator("[data-message]")).toHaveCount(5);
	await expect(conversation.locator("[data-message]")).toContainText(agents.map((agent) => `I am the ${agent}`));
	const grown = await page.evaluate(() => [...(window as unknown as { grown: Set<string> }).grown]);
	expect(grown.length).toBeGreaterThanOrEqual(5);

	const written = conversation.locator("[data-tool=write_file]");
	await expect(written).toHaveCount(2);
	await written.first().locator("summary").click();
	await expect(written.first().getByRole("region", { name: "Changes in index.html" })).toContainText("+<body><h1>Tide Tables</h1></body>");
	const { metrics } = (await (await platform.fetch(`/api/builds/${id}/metrics`)).json()) as { metrics: DeploymentMetrics };
	expect(metrics).toMatchObject({ totalMs: expect.any(Number), filesWritten: 2, models: { costUsd: null } });
	const { calls, tokens, agents: askers } = metrics.models;
	expect(askers.map(({ agent }) => agent).sort()).toEqual([...agents].sort());
	const used = `2 files written · ${formatCount(calls, "call")} of a model, ${formatCount(tokens.input + tokens.output, "token")}`;
	await expect(page.locator("[data-took]")).toContainText(used);
	await expect(page.locator("[data-used]")).toContainText(`${used} · price not known`);
	await expectPlainWords(page);
	await expectAccessible(page);

	await page.goto(`${platform.url}/analytics`);
	const row = page.getByRole("region", { name: "Language models" }).getByRole("row").filter({ hasText: "scripted/m" });
	await expect(row.getByRole("cell")).toHaveText([
		String(calls),
		groupThousands(tokens.input),
		groupThousands(tokens.output),
		`${formatCount(tokens.input + tokens.output, "token")}price not known`,
		"0",
		"0",
	]);
	await expectAccessible(page);
	await page.setViewportSize({ width: 360, height: 740 });
	expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

	const events = await followToEnd(platform, id);
	expect(whole(events).map(({ agent_name, metadata }) => [agent_name, metadata.text])).toEqual(
		agents.map((agent) => [agent, wordsOf(agent)]),
	);
	const { previewUrl } = await getDeployment(platform, id);
	expect((await getPreview(previewUrl ?? "")).body).toBe(productFiles["index.html"]);
});

test("kill -9 in the middle of an answer: no half of it looks whole, and all of it is said once", async ({ platform }) => {
	test.setTimeout(240_000);
	const id = await deploy(platform, { type: "git", url: "example:static-site" });
	const cut = await waitForEvent(platform, id, (event) => event.type === "agent_response" && event.metadata.part === 2);
	await platform.kill9();
	await platform.restart();
	const events = await followToEnd(platform, id);
	expect(whole(events).map(({ agent_name, metadata }) => [agent_name, metadata.text])).toEqual(
		agents.map((agent) => [agent, wordsOf(agent)]),
	);
	expect(cut.type === "agent_response" && whole(events).some(({ metadata }) => metadata.message === cut.metadata.message)).toBe(false);
	expect((await getDeployment(platform, id)).status).toBe("succeeded");
});

test("whatever is wrong with a model is said while it lasts, and leaves the deployment as it is without one (R179, R191, R197, R207, R208, R277)", async ({
	member,
	platform,
}) => {
	test.setTimeout(240_000);
	const server = await startModelServer();
	const [busy, lost] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	const words = (agent: string) => JSON.stringify({ message: wordsOf(agent) });
	server.reply(
		// Analyst
		refuses(401, {}, "Incorrect API key provided"),
		// Architect
		refuses(429),
		async (...about) => {
			await busy.promise;
			await refuses(429, { "retry-after": "300" })(...about);
		},
		says(words("Architect")),
		// Developer
		drops,
		async (...about) => {
			await lost.promise;
			await cuts('{"message":"The half of')(...about);
		},
		// Tester, and with it everything the deployment may use
		says(words("Tester"), { usage: { prompt_tokens: 2_000_000, completion_tokens: 1, total_tokens: 2_000_001 } }),
	);
	const address = server.url.replace(/\/v1$/, "");
	await setUpModel(platform, address, { budget: { tokens: 1_000_000, usd: null } });
	const id = await deploy(platform, { type: "git", url: "example:static-site" });
	await member.goto(`${platform.url}/deployments/${id}?tab=conversation`);

	await expect(member.locator("[data-agent=Architect]")).toContainText(errorCatalogue.model_rate_limited.message, { timeout: 60_000 });
	busy.resolve();
	await expect(member.getByText(/Waiting for a model slot, ~\d+ s/).first()).toBeVisible({ timeout: 20_000 });
	// Whoever sets a provider up anew waits no longer for what it had asked before.
	await setUpModel(platform, address, { budget: { tokens: 1_000_000, usd: null } });
	await expect(member.locator("[data-agent=Developer]")).toContainText(errorCatalogue.model_connection.message, { timeout: 60_000 });
	lost.resolve();

	await expectStatus(member, "succeeded", 60_000);
	const conversation = member.getByRole("region", { name: "Conversation" });
	await expect(
		conversation.getByText("I'm analyzing your requirements. Please give me a moment to gather more information."),
	).toBeVisible();
	const degraded = conversation.locator("[data-message]").filter({ hasText: "Degraded" });
	await expect(degraded).toContainText([
		errorCatalogue.model_auth.message,
		errorCatalogue.model_interrupted.message,
		"This deployment has used up its budget for AI: 2",
	]);
	await expect(conversation.getByText("The half of")).toHaveCount(0);
	await expect(conversation.getByRole("button", { name: "Try again from Analyze" })).toBeVisible();
	await expect(degraded.first().getByRole("link", { name: "Settings of models" })).toHaveAttribute("href", "/settings/models");
	await expect(member.locator("[data-agent=Analyst]")).toContainText("Degraded");
	await expectPlainWords(member);
	await expectAccessible(member);
	await server.stop();
});
