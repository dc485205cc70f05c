import { get } from "node:http";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { type StreamEvent, terminalStatuses } from "#lib/protocol/index.ts";
import type { Platform } from "./platform.ts";

interface Page {
	epoch: string;
	head: number;
	closed: boolean;
	events: StreamEvent[];
}

/** Submits a repository; answers the deployment as the 202 carried it. */
export async function submit(
	platform: Platform,
	url: string,
	options: { project?: string; idempotencyKey?: string } = {},
): Promise<DeploymentView> {
	const response = await platform.fetch("/api/deployments", {
		method: "POST",
		headers: { "content-type": "application/json", ...(options.idempotencyKey ? { "idempotency-key": options.idempotencyKey } : {}) },
		body: JSON.stringify({ source: { type: "git", url }, ...(options.project ? { project: options.project } : {}) }),
	});
	if (response.status !== 202) throw new Error(`POST /api/deployments answered ${response.status}: ${await response.text()}`);
	return ((await response.json()) as { deployment: DeploymentView }).deployment;
}

export async function getDeployment(platform: Platform, id: string): Promise<DeploymentView> {
	const response = await platform.fetch(`/api/deployments/${id}`);
	if (!response.ok) throw new Error(`GET /api/deployments/${id} answered ${response.status}`);
	return ((await response.json()) as { deployment: DeploymentView }).deployment;
}

/** Follows a deployment to its end; answers all of its events in order. Throws after `withinMs`. */
export async function followToEnd(platform: Platform, id: string, withinMs = 120_000): Promise<StreamEvent[]> {
	const deadline = Date.now() + withinMs;
	const events: StreamEvent[] = [];
	for (;;) {
		const after = events.at(-1)?.seq ?? 0;
		const response = await platform.fetch(`/api/deployments/${id}/events?after=${after}&wait=2`);
		if (!response.ok) throw new Error(`The events of ${id} answered ${response.status}: ${await response.text()}`);
		const page = (await response.json()) as Page;
		events.push(...page.events);
		if (page.closed && (events.at(-1)?.seq ?? 0) >= page.head) return events;
		if (Date.now() > deadline) throw new Error(`${id} did not end within ${withinMs} ms; last: ${events.at(-1)?.content}`);
	}
}

/** Deploys to the end and answers the final state. */
export async function deploy(
	platform: Platform,
	url: string,
	options: { project?: string; withinMs?: number } = {},
): Promise<DeploymentView> {
	const { id } = await submit(platform, url, options.project ? { project: options.project } : {});
	await followToEnd(platform, id, options.withinMs);
	const deployment = await getDeployment(platform, id);
	if (!terminalStatuses.has(deployment.status)) throw new Error(`${id} ended as ${deployment.status}`);
	return deployment;
}

/** Asks for a preview as a browser does; `*.localhost` resolves in browsers, not in Node. */
export function getPreview(previewUrl: string, path = "/"): Promise<{ status: number; body: string }> {
	const { hostname, port } = new URL(previewUrl);
	return new Promise((resolve, reject) => {
		const request = get({ host: "127.0.0.1", port, path, headers: { host: `${hostname}:${port}` }, timeout: 10_000 }, (response) => {
			const chunks: Buffer[] = [];
			response.on("data", (chunk: Buffer) => chunks.push(chunk));
			response.on("error", reject);
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
		});
		request.on("error", reject);
		request.on("timeout", () => request.destroy(new Error(`${previewUrl}${path} did not answer in 10 s`)));
	});
}
