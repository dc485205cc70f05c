import type { Kysely } from "kysely";
import { ulid } from "ulid";
import { fold } from "#lib/deployment/fold.ts";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import { type AgentName, type EventDraft, type Stage, streamOf } from "#lib/protocol/index.ts";
import { openPool } from "#server/db/connection.ts";
import { databaseName, databaseUser } from "#server/db/embedded/cluster.ts";
import { loadPassword, locateFolders } from "#server/db/embedded/folders.ts";
import type { Schema } from "#server/db/schema.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";
import { silentLog } from "./database.ts";
import type { Platform } from "./platform.ts";

interface Store {
	db: Kysely<Schema>;
	streams: Streams;
}

/** A second door to the database of a platform that runs. */
export async function openStoreOf(platform: Platform): Promise<Store & { stop(): Promise<void> }> {
	const folders = await locateFolders(platform.home);
	const password = await loadPassword(folders);
	const connection = { host: folders.socket, user: databaseUser, password: () => password, database: databaseName };
	const pool = openPool(connection, { max: 2, onError: () => {} });
	const streams = await openStreams({ db: pool.db, connection, log: silentLog });
	return {
		db: pool.db,
		streams,
		async stop() {
			await streams.stop();
			await pool.close();
		},
	};
}

/** A deployment in the midst of its build, written straight into the database. No attempt of it exists, so that nothing moves it. */
export interface WrittenDeployment {
	id: string;
	/** The stored state, as of the last append. */
	state(): DeploymentState;
	/** Appends events and stores the state, as the ledger does. */
	append(drafts: readonly EventDraft[]): Promise<void>;
	/** Appends lines to the log, so many an event. */
	log(lines: number, options?: { perEvent?: number; stage?: Stage; text?: (n: number) => string }): Promise<void>;
}

const eventsPerWrite = 2000;
const textOf = (n: number): string => `transforming src/components/button-${n}/index.tsx in 12 ms, ok: ${n}`;

export async function writeDeployment({ db, streams }: Store, ownerId: string): Promise<WrittenDeployment> {
	const id = ulid();
	const slug = `written-${id.slice(-8).toLowerCase()}`;
	const source = { type: "git" as const, url: "https://git.example.com/acme/written", ref: null, directory: null, private: false };
	const project = { id: ulid(), slug, name: "written" };
	let state = emptyState(id);
	await db
		.insertInto("projects")
		.values({
			id: project.id,
			owner_id: ownerId,
			slug,
			name: project.name,
			source: JSON.stringify(source),
			target: "local",
			settings: "{}",
			git_token: null,
			known_hosts: "[]",
			active_release: null,
			next_number: 2,
			created_at: new Date(),
			deleted_at: null,
		})
		.execute();
	const row = { id, project_id: project.id, owner_id: ownerId, number: 1, status: state.status, text: "", finished_at: null };
	await db
		.insertInto("deployments")
		.values({ ...row, state: JSON.stringify(state), created_at: new Date() })
		.execute();

	async function append(drafts: readonly EventDraft[]): Promise<void> {
		for (let from = 0; from < drafts.length; from += eventsPerWrite) {
			state = await streams.write(async (writer) => {
				const events = await writer.append(streamOf.deployment(id), drafts.slice(from, from + eventsPerWrite), { deploymentId: id });
				const next = events.reduce(fold, state);
				const changed = { state: JSON.stringify(next), status: next.status };
				await writer.trx.updateTable("deployments").set(changed).where("id", "=", id).execute();
				return next;
			});
		}
	}

	const started = { project, owner_id: ownerId, number: 1, source, target: "local", retry_of: null, from: null, correlation_id: ulid() };
	await append([{ type: "deployment_started", content: "Deployment #1 of written.", metadata: started }]);
	const done: Stage[] = ["clone", "analyze", "plan", "write"];
	await append(done.flatMap((stage) => [startOf(stage), endOf(stage)]));
	await append([
		...(["Analyst", "Architect", "Developer"] as const).map((name) => agentIs(name, "done")),
		startOf("build"),
		agentIs("Tester", "working"),
	]);
	return {
		id,
		state: () => state,
		append,
		log: (lines, { perEvent = 1, stage = "build", text = textOf } = {}) =>
			append(logOf(state.logLines + 1, state.logLines + lines, perEvent, stage, text)),
	};
}

function logOf(from: number, to: number, perEvent: number, stage: Stage, text: (n: number) => string): EventDraft[] {
	const drafts: EventDraft[] = [];
	const at = new Date().toISOString();
	for (let first = from; first <= to; first += perEvent) {
		const last = Math.min(to, first + perEvent - 1);
		const lines = Array.from({ length: last - first + 1 }, (_, index) => ({
			n: first + index,
			at,
			from: "stdout" as const,
			text: text(first + index),
		}));
		drafts.push({ type: "log", agent_name: "Tester", stage, content: "", metadata: { first, last, lines } });
	}
	return drafts;
}

function agentIs(name: AgentName, status: "done" | "working"): EventDraft {
	return { type: "agent_status", agent_name: name, content: `${name}: ${status}.`, metadata: { status, task: "", progress: null } };
}

function startOf(stage: Stage): EventDraft {
	const metadata = { attempt: 1, fence: 1, node: "node-1", deadline_ms: 60_000, isolated: true };
	return { type: "stage_started", stage, content: `Started: ${stage}.`, metadata };
}

function endOf(stage: Stage): EventDraft {
	const metadata = { attempt: 1, fence: 1, duration_ms: 1200, facts: { files: 214 }, output: {}, reused: false, skipped: false };
	return { type: "stage_completed", stage, content: `Done: ${stage}, 214 files, 1.2 s.`, metadata };
}
