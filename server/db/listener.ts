import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { type ConnectionConfig, closeClient, openClient } from "./connection.ts";

export interface Listener {
	/** Sends to every listener of the channel, this one too. False when there is no connection: the message is dropped. */
	notify(payload: string): Promise<boolean>;
	stop(): Promise<void>;
}

export interface ListenerOptions {
	connection: ConnectionConfig;
	channel: string;
	onMessage: (payload: string) => void;
	/** Called whenever listening began or began again: messages before that were missed. */
	onListening: () => void;
	log: Logger;
}

const firstPauseMs = 50;
const longestPauseMs = 2_000;
/** A connection that is silently dead (a remote database, a firewall in between) is found out by this. */
const probeEveryMs = 30_000;

/** LISTEN on a connection of its own, which is made again whenever it breaks. Resolves at once; connecting goes on behind. */
export function openListener(options: ListenerOptions): Listener {
	const stopping = new AbortController();
	let client: pg.Client | null = null;

	const running = (async () => {
		let pauseMs = firstPauseMs;
		while (!stopping.signal.aborted) {
			try {
				const candidate = await connect(options);
				client = candidate;
				options.onListening();
				pauseMs = firstPauseMs;
				await untilBroken(candidate, stopping.signal);
			} catch (err) {
				options.log.debug({ err }, "the database listener could not connect");
			}
			const broken = client;
			client = null;
			if (broken) await closeClient(broken);
			await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
			pauseMs = Math.min(pauseMs * 2, longestPauseMs);
		}
	})();

	return {
		async notify(payload) {
			try {
				await client?.query("select pg_notify($1, $2)", [options.channel, payload]);
				return client !== null;
			} catch {
				return false;
			}
		},
		async stop() {
			stopping.abort();
			await running;
		},
	};
}

async function connect({ connection, channel, onMessage }: ListenerOptions): Promise<pg.Client> {
	const client = openClient(connection);
	client.on("error", () => undefined);
	client.on("notification", ({ payload }) => onMessage(payload ?? ""));
	try {
		await client.connect();
		await client.query(`listen ${client.escapeIdentifier(channel)}`);
		return client;
	} catch (error) {
		await closeClient(client);
		throw error;
	}
}

async function untilBroken(client: pg.Client, signal: AbortSignal): Promise<void> {
	const over = new AbortController();
	const end = () => over.abort();
	client.once("end", end);
	client.once("error", end);
	signal.addEventListener("abort", end, { once: true });
	if (signal.aborted) end();
	while (!over.signal.aborted) {
		await sleep(probeEveryMs, undefined, { signal: over.signal }).catch(() => undefined);
		if (!over.signal.aborted && !(await answers(client))) end();
	}
	signal.removeEventListener("abort", end);
}

/** Queries of a client end by themselves after a while. */
function answers(client: pg.Client): Promise<boolean> {
	return client.query("select 1").then(
		() => true,
		() => false,
	);
}
