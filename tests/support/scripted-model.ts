import { LLMock } from "@copilotkit/aimock";
import { agents, type ModelSettingsInput } from "#lib/protocol/index.ts";
import type { Platform } from "./platform.ts";

export interface ScriptedModel {
	mock: LLMock;
	stop(): Promise<void>;
}

/** What each agent says of its result, in several sentences. */
export const wordsOf = (agent: string): string =>
	`I am the ${agent}, and this is what I found. It took a while to say, because every word came by itself. Nothing of it was lost on its way.`;

export const productFiles: Readonly<Record<string, string>> = {
	"index.html":
		'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Tide Tables</title><link rel="stylesheet" href="styles.css"></head>\n<body><h1>Tide Tables</h1></body>\n</html>\n',
	"styles.css": "h1 { color: #123456; }\n",
};

/** An OpenAI-compatible model that plays all five agents: it puts results into words, plans a site of two files and writes it. */
export async function startScriptedModel(options: { latencyMs?: number } = {}): Promise<ScriptedModel> {
	const mock = new LLMock({ port: 0, chunkSize: 8, latency: options.latencyMs ?? 10 });
	const says = (value: object) => ({ content: JSON.stringify(value) });
	mock.on(
		{ systemMessage: /You are the Analyst\. A person describes/ },
		says({ kind: "landing page", name: "Tide Tables", language: "en", sections: ["Tides"], notes: [] }),
	);
	mock.on(
		{ systemMessage: /You are the Architect\. Plan a small product/ },
		says({
			runtime: "site",
			tasks: [
				{ name: "HTML structure", files: ["index.html"], acceptance: ["It has a heading."] },
				{ name: "CSS styles", files: ["styles.css"], acceptance: [] },
			],
		}),
	);
	for (const [path, content] of Object.entries(productFiles)) {
		const writes = {
			systemMessage: /You are the Developer\. Carry out/,
			userMessage: new RegExp(`Its files: ${path.replace(".", "\\.")}\\.$`),
		};
		mock.on({ ...writes, turnIndex: 0 }, { toolCalls: [{ name: "write_file", arguments: JSON.stringify({ path, content }) }] });
		mock.on({ ...writes, turnIndex: 1 }, says({ message: `Wrote ${path}.` }));
	}
	for (const agent of agents) mock.on({ systemMessage: new RegExp(`You are the ${agent}\\.`) }, says({ message: wordsOf(agent) }));
	await mock.start();
	return { mock, stop: async () => void (await mock.stop()) };
}

/** Makes the platform use a model at this address for all agents. */
export async function setUpModel(platform: Platform, url: string, settings: ModelSettingsInput = {}): Promise<void> {
	const provider = {
		kind: "openai-compatible",
		baseUrl: `${url}/v1`,
		key: "scripted-key",
		allowPrivate: true,
		requestsPerMinute: 1000,
		tokensPerMinute: 10_000_000,
		models: [{ name: "m" }],
	};
	await put(platform, "/api/models/providers/scripted", provider);
	await put(platform, "/api/models/settings", { order: ["scripted/m"], cache: false, ...settings });
}

async function put(platform: Platform, path: string, body: object): Promise<void> {
	const answer = await platform.fetch(path, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
	if (!answer.ok) throw new Error(`PUT ${path} answered ${answer.status}: ${await answer.text()}`);
}
