import { setTimeout as delay } from "node:timers/promises";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { isTerminal, type StreamEvent } from "#lib/protocol/index.ts";
import type { Platform } from "./platform.ts";

/** Drives deployments of a real platform over its HTTP contract, across restarts of the server. */
export interface Deployments {
	submit(url: string, source?: { ref?: string; directory?: string; token?: string }): Promise<string>;
	get(id: string): Promise<DeploymentView>;
	/** Resolves with the first event that fits; holds requests open, and asks again while the server is away. */
	event(id: string, fits: (event: StreamEvent) => boolean): Promise<StreamEvent>;
	/** Resolves once the deployment has ended. */
	ended(id: string): Promise<DeploymentView>;
	/** The whole stream. */
	events(id: string): Promise<StreamEvent[]>;
	cancel(id: string): Promise<Response>;
}

const patienceMs = 90_000;

export function deploymentsOf(platform: Platform): Deployments {
	async function json<T>(path: string, init?: RequestInit): Promise<T> {
		const response = await platform.fetch(path, init);
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return response.json() as Promise<T>;
	}
	const page = (id: string, after: number, wait = 0) =>
		json<{ events: StreamEvent[]; closed: boolean; head: number }>(`/api/deployments/${id}/events?after=${after}&wait=${wait}`);
	const get = async (id: string) => (await json<{ deployment: DeploymentView }>(`/api/deployments/${id}`)).deployment;

	async function event(id: string, fits: (event: StreamEvent) => boolean): Promise<StreamEvent> {
		const deadline = Date.now() + patienceMs;
		let after = 0;
		while (Date.now() < deadline) {
			const { events, closed } = await page(id, after, 2).catch(() => whileAway());
			const found = events.find(fits);
			if (found) return found;
			after = events.at(-1)?.seq ?? after;
			if (closed && events.length === 0) break;
		}
		throw new Error(`The event never came; the deployment is ${JSON.stringify(await get(id))}`);
	}

	/** The server is away for a moment: it is asked again, but not as fast as this machine can. */
	async function whileAway(): Promise<{ events: StreamEvent[]; closed: boolean }> {
		await delay(100);
		return { events: [], closed: false };
	}

	return {
		async submit(url, source = {}) {
			const body = JSON.stringify({ source: { type: "git", url, ...source } });
			const { deployment } = await json<{ deployment: DeploymentView }>("/api/deployments", { method: "POST", body, headers: { "content-type": "application/json" } });
			return deployment.id;
		},
		get,
		event,
		async ended(id) {
			await event(id, ({ type }) => type === "deployment_completed");
			const state = await get(id);
			if (!isTerminal(state.status)) throw new Error(`completed, but ${state.status}`);
			return state;
		},
		async events(id) {
			const all: StreamEvent[] = [];
			for (;;) {
				const { events } = await page(id, all.length);
				if (events.length === 0) return all;
				all.push(...events);
			}
		},
		cancel: (id) => platform.fetch(`/api/deployments/${id}/cancel`, { method: "POST" }),
	};
}
