import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { type ApprovalPolicy, type StreamEvent, terminalStatuses } from "#lib/protocol/index.ts";
import type { Platform } from "./platform.ts";

interface Page {
	epoch: string;
	head: number;
	closed: boolean;
	events: StreamEvent[];
}

interface SubmitOptions {
	project?: string;
	directory?: string;
	idempotencyKey?: string;
	approvals?: ApprovalPolicy;
}

/** Submits a repository; answers the deployment as the 202 carried it. */
export async function submit(platform: Platform, url: string, options: SubmitOptions = {}): Promise<DeploymentView> {
	const response = await platform.fetch("/api/deployments", {
		method: "POST",
		headers: { "content-type": "application/json", ...(options.idempotencyKey ? { "idempotency-key": options.idempotencyKey } : {}) },
		body: JSON.stringify({
			source: { type: "git", url, directory: options.directory },
			...(options.project ? { project: options.project } : {}),
			...(options.approvals ? { approvals: options.approvals } : {}),
		}),
	});
	if (response.status !== 202) throw new Error(`POST /api/deployments answered ${response.status}: ${await response.text()}`);
	return ((await response.json()) as { deployment: DeploymentView }).deployment;
}

export async function getDeployment(platform: Platform, id: string): Promise<DeploymentView> {
	const response = await platform.fetch(`/api/deployments/${id}`);
	if (!response.ok) throw new Error(`GET /api/deployments/${id} answered ${response.status}`);
	return ((await response.json()) as { deployment: DeploymentView }).deployment;
}

/** Events of a deployment as they come, to its end; while the server is away it is asked again. Throws after `withinMs`. */
async function* follow(platform: Platform, id: string, withinMs: number): AsyncGenerator<StreamEvent> {
	const deadline = Date.now() + withinMs;
	let after = 0;
	while (Date.now() < deadline) {
		const page = await readPage(platform, id, after, 2).catch(() => delay(100, null));
		for (const event of page?.events ?? []) yield event;
		after = page?.events.at(-1)?.seq ?? after;
		if (page?.closed && after >= page.head) return;
	}
	throw new Error(`${id} was not as expected within ${withinMs} ms: ${JSON.stringify(await getDeployment(platform, id))}`);
}

async function readPage(platform: Platform, id: string, after: number, wait: number): Promise<Page> {
	const response = await platform.fetch(`/api/deployments/${id}/events?after=${after}&wait=${wait}`);
	if (!response.ok) throw new Error(`The events of ${id} answered ${response.status}: ${await response.text()}`);
	return (await response.json()) as Page;
}

/** Follows a deployment to its end, across restarts of the server; answers all of its events in order. */
export function followToEnd(platform: Platform, id: string, withinMs = 120_000): Promise<StreamEvent[]> {
	return Array.fromAsync(follow(platform, id, withinMs));
}

/** Resolves with the first event that fits. Throws when the deployment ends without it. */
export async function waitForEvent(
	platform: Platform,
	id: string,
	fits: (event: StreamEvent) => boolean,
	withinMs = 90_000,
): Promise<StreamEvent> {
	for await (const event of follow(platform, id, withinMs)) if (fits(event)) return event;
	throw new Error(`The event never came: ${JSON.stringify(await getDeployment(platform, id))}`);
}

/** Deploys to the end and answers the final state. */
export async function deploy(
	platform: Platform,
	url: string,
	{ withinMs, ...options }: SubmitOptions & { withinMs?: number } = {},
): Promise<DeploymentView> {
	const { id } = await submit(platform, url, options);
	await followToEnd(platform, id, withinMs);
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
