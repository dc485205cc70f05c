import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Kysely, sql } from "kysely";
import { ulid } from "ulid";
import type { EventDraft } from "#lib/protocol/index.ts";
import type { Schema } from "#server/db/schema.ts";
import { type LiveServer, type LiveServerOptions, principalOf, startLiveServer } from "#tests/server/live/live-server.ts";
import { startTestDatabase } from "#tests/support/database.ts";
import type { Bench } from "./bench.ts";
import type { Deed, MakeLog } from "./case.ts";

export interface OwnServer extends Bench {
	/** The keeper of its logs, over HTTP. */
	control: string;
	stop(): Promise<void>;
}

const line: EventDraft = { type: "system", content: "A line.", metadata: { message_type: "info" } };
const lines = (count: number): EventDraft[] => Array.from({ length: count }, () => line);

/** Our server on a database of its own, and the keeper of its logs. */
export async function startOwnServer(): Promise<OwnServer> {
	const { streams, stop: stopDatabase } = await startTestDatabase();
	const snapshots = new Map<string, number>();
	const foreign = new Set<string>();
	let count = 0;

	const read = (stream: string) => streams.read({ stream, epoch: null, after: 0 });
	const options: LiveServerOptions = {
		streams,
		identify: (token) => (token === "ann" ? principalOf(token) : null),
		mayRead: (_, stream) => !foreign.has(stream),
		async snapshot(stream) {
			const seq = snapshots.get(stream);
			return seq === undefined ? null : { state: { lines: seq }, seq, epoch: (await read(stream)).epoch };
		},
	};
	let server: LiveServer = await startLiveServer(options);
	const { port, origin } = server;

	/** Changes the log under its readers, and then writes on, which is what tells them. */
	const meddle = (stream: string, change: (trx: Kysely<Schema>) => Promise<unknown>, events: number) =>
		streams.write(async (writer) => {
			await change(writer.trx);
			await writer.append(stream, lines(events));
		});

	async function make({ events, closed, keptFrom, snapshotAt, foreign: isForeign }: MakeLog["log"]) {
		const stream = `deployment/C${++count}`;
		if (snapshotAt !== undefined) snapshots.set(stream, snapshotAt);
		if (isForeign) foreign.add(stream);
		if (events > 0) await streams.write((writer) => writer.append(stream, lines(events)));
		if (closed) await streams.write((writer) => writer.close(stream));
		if (keptFrom) await streams.truncate(stream, keptFrom);
		return { stream, epoch: (await read(stream)).epoch };
	}

	async function carryOut(deed: Deed): Promise<void> {
		switch (deed.do) {
			case "append":
				await streams.write((writer) => writer.append(deed.stream, lines(deed.events)));
				break;
			case "close":
				await streams.write((writer) => writer.close(deed.stream));
				break;
			case "rewrite":
				await meddle(
					deed.stream,
					async (trx) => {
						await sql`delete from events where stream = ${deed.stream}`.execute(trx);
						await sql`update streams set epoch = ${ulid()}, last_seq = 0, min_seq = 1 where name = ${deed.stream}`.execute(trx);
					},
					deed.events,
				);
				break;
			case "restore":
				await meddle(
					deed.stream,
					async (trx) => {
						await sql`delete from events where stream = ${deed.stream} and seq >= ${deed.head}`.execute(trx);
						await sql`update streams set last_seq = ${deed.head - 1} where name = ${deed.stream}`.execute(trx);
					},
					1,
				);
				break;
			case "outrun":
				await meddle(
					deed.stream,
					async (trx) => {
						await sql`delete from events where stream = ${deed.stream}`.execute(trx);
						await sql`update streams set last_seq = ${deed.from - 1}, min_seq = ${deed.from} where name = ${deed.stream}`.execute(trx);
					},
					deed.head - deed.from + 1,
				);
				break;
			case "activity":
				setActivity(deed.stream.slice("deployment/".length), deed.awaiting);
				break;
			case "restart":
				await server.stop();
				server = await startLiveServer({ ...options, port });
		}
	}

	function setActivity(id: string, awaiting: string | null): void {
		const at = new Date().toISOString();
		if (awaiting === null) streams.activity.clear(id);
		else
			streams.activity.set({
				deployment_id: id,
				stage: "build",
				agent_name: "Tester",
				awaiting,
				since: at,
				last_output_at: null,
				ahead: null,
				at,
			});
	}

	const control = createServer(async (request, response) => {
		try {
			const chunks: Buffer[] = [];
			for await (const chunk of request) chunks.push(chunk as Buffer);
			const body = JSON.parse(Buffer.concat(chunks).toString()) as Deed | MakeLog;
			const answer = body.do === "make" ? await make(body.log) : await carryOut(body);
			response.writeHead(answer ? 200 : 204).end(answer && JSON.stringify(answer));
		} catch (error) {
			response.writeHead(500).end(String(error));
		}
	});
	await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));

	return {
		url: origin,
		token: "ann",
		patienceMs: 5000,
		control: `http://127.0.0.1:${(control.address() as AddressInfo).port}/`,
		make,
		carryOut,
		async stop() {
			await server.stop();
			await new Promise((resolve) => {
				control.close(resolve);
				control.closeAllConnections();
			});
			await stopDatabase();
		},
	};
}
