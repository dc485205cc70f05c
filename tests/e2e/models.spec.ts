import { type ModelServer, refuses, says, startModelServer } from "../support/model-server.ts";
import { expectAccessible } from "./accessible.ts";
import { expect, test } from "./platform-test.ts";

const key = "the-key/of-the-browser-tests-4242";

let model: ModelServer;
test.beforeAll(async () => {
	model = await startModelServer();
});
test.afterAll(() => model.stop());

test("an administrator adds a model, tests it, chooses it; the key is never seen again (R184, R206, R277)", async ({
	member: page,
	platform,
}) => {
	await page.goto(`${platform.url}/settings`);
	await page.getByRole("link", { name: "Set up models" }).click();
	await expect(page.getByRole("heading", { level: 1, name: "Models" })).toBeVisible();
	await page.getByRole("button", { name: "Add a provider" }).click();
	const form = page.getByRole("form", { name: "New provider" });
	await form.getByLabel("Provider", { exact: true }).selectOption("OpenAI-compatible");
	await form.getByLabel("Name here").fill("local");
	await form.getByLabel("Address", { exact: true }).fill(model.url);
	await form.getByLabel("Key", { exact: true }).fill(key);
	await form.getByLabel("Name of the model").fill("tiny");
	await expectAccessible(page);
	await form.getByRole("button", { name: "Save the provider" }).click();
	await expect(form.getByText("The address is not encrypted.", { exact: false })).toBeVisible();
	await form.getByLabel("Allow private addresses").check();
	await form.getByRole("button", { name: "Save the provider" }).click();

	const card = page.getByRole("region", { name: "local" });
	await expect(card.getByText("Key stored")).toBeVisible();
	await expect(card.getByText("price not known", { exact: false })).toBeVisible();
	await expect(card.getByText("20 of 20 requests", { exact: false })).toBeVisible();

	model.reply(refuses(401, {}, `Incorrect API key provided: ${key}`));
	await card.getByRole("button", { name: "Test model" }).click();
	await expect(card.getByText("AI service configuration needed. Please check setup.", { exact: false })).toBeVisible();
	model.reply(says("OK"));
	await card.getByRole("button", { name: "Test model" }).click();
	await expect(card.getByText("It works: first word after", { exact: false })).toBeVisible();
	await expect(card.getByText("counts tokens: yes", { exact: false })).toBeVisible();

	const choice = page.getByRole("form", { name: "Who uses which model" });
	await choice.getByLabel("Every agent, first").selectOption("local/tiny");
	await choice.getByLabel("Deployer, first").selectOption("no model");
	await choice.getByLabel("US dollars a deployment may use").fill("a lot");
	await choice.getByRole("button", { name: "Save the choice" }).click();
	await expect(choice.getByText("This has to be a number of US dollars, or empty.")).toBeVisible();
	await choice.getByLabel("US dollars a deployment may use").fill("0.5");
	await choice.getByRole("button", { name: "Save the choice" }).click();
	await expect(choice.getByText("Saved.", { exact: false })).toBeVisible();
	await expectAccessible(page);

	await page.reload();
	await expect(page.getByLabel("Every agent, first")).toHaveValue("local/tiny");
	expect(await page.content()).not.toContain(key);
	const answer = await platform.fetch("/api/models");
	const text = await answer.text();
	expect(text).not.toContain(key);
	expect(JSON.parse(text).models.settings).toMatchObject({ order: ["local/tiny"], agents: { Deployer: [] }, budget: { usd: 0.5 } });
	expect(platform.output()).not.toContain(key);

	await page.getByRole("button", { name: "Change local" }).click();
	await expect(page.getByRole("form", { name: "Change local" }).getByLabel("Key", { exact: true })).toHaveValue("");
	await page.getByRole("button", { name: "Cancel" }).click();
	await page.getByRole("button", { name: "Remove local" }).click();
	await page.getByRole("alertdialog").getByRole("button", { name: "Remove", exact: true }).click();
	await expect(page.getByText("There is no model yet.", { exact: false })).toBeVisible();
});
