import { HttpAgent } from "@ag-ui/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemsOf, watch } from "#tests/support/agui.ts";
import { followToEnd, getPreview } from "#tests/support/deployments.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
beforeAll(async () => {
	platform = await startPlatform();
}, 120_000);
afterAll(() => platform?.stop());

function agentFor(content: string): HttpAgent {
	return new HttpAgent({
		url: `${platform.url}/api/agui`,
		headers: { authorization: `Bearer ${platform.token}` },
		initialMessages: [{ id: "mine", role: "user", content }],
	});
}

describe("a running platform", () => {
	it("deploys for an AG-UI client, and tells an MCP client about it", { timeout: 120_000 }, async () => {
		const { events, error } = await watch(agentFor("Deploy example:static-site"));
		expect([error, problemsOf(events)]).toEqual([null, []]);
		const end = events.at(-1) as unknown as { outcome: object; result: { deployment: string; previewUrl: string } };
		expect(end.outcome).toEqual({ type: "success" });
		expect(await getPreview(end.result.previewUrl)).toMatchObject({ status: 200 });

		const client = new Client({ name: "test", version: "1.0.0" });
		const headers = { authorization: `Bearer ${platform.token}` };
		await client.connect(new StreamableHTTPClientTransport(new URL(`${platform.url}/api/mcp`), { requestInit: { headers } }));
		const { deployment } = end.result;
		const status = await client.callTool({ name: "deployment_status", arguments: { deployment } });
		expect(status.structuredContent).toMatchObject({ status: "succeeded", preview: end.result.previewUrl });
		const log = await client.callTool({ name: "deployment_log", arguments: { deployment, lines: 5 } });
		expect(log.isError).toBeFalsy();
		await client.close();
	});

	it("that is stopped says so in every AG-UI run, and the deployment goes on after the start", { timeout: 120_000 }, async () => {
		const agent = agentFor("Deploy example:node-server");
		let stopping: Promise<void> | undefined;
		const { events } = await watch(
			agent,
			{},
			{
				onStepStartedEvent({ event }) {
					if (event.stepName === "clone") stopping ??= platform.restart();
				},
			},
		);
		expect(problemsOf(events)).toEqual([]);
		expect(events.at(-1)).toMatchObject({ type: "RUN_ERROR", code: "shutting_down" });
		await stopping;
		const again = await watch(agent);
		expect(problemsOf(again.events)).toEqual([]);
		expect(again.events.at(-1)).toMatchObject({ type: "RUN_FINISHED", outcome: { type: "success" } });
		const { id } = again.state as { id: string };
		expect(again.events.flatMap(({ rawEvent }) => rawEvent ?? [])).toEqual(await followToEnd(platform, id));
	});
});
