import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { outputOf, sourceIdOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import type { Schema } from "../db/schema.ts";
import type { Folders } from "./folders.ts";

interface RetentionOptions {
	db: Kysely<Schema>;
	folders: Folders;
	reportError: (error: unknown, context: Record<string, string>) => string;
	/** Newest deployments of each project whose sources and builds stay, so that they can be retried without doing them again. */
	keptPerProject?: number;
	/** Nothing younger is deleted, whoever it belongs to. */
	minAgeMs?: number;
	/** What else is bounded: caches, tools. Each is called at every sweep. */
	also?: readonly (() => Promise<unknown>)[];
}

const everyMs = 10 * 60_000;
/** As long as a page may keep a submission and send it again. */
const keyLifeMs = 7 * 24 * 60 * 60_000;

/** Deletes sources, build results, uploads and idempotency keys that nobody needs any more; what a retry misses is made again from the record. */
export function startRetention({ db, folders, reportError, keptPerProject = 3, minAgeMs = 60 * 60_000, also = [] }: RetentionOptions): {
	sweep(): Promise<number>;
	stop(): void;
} {
	async function sweep(): Promise<number> {
		await db
			.deleteFrom("idempotency")
			.where("created_at", "<", new Date(Date.now() - keyLifeMs))
			.execute();
		const needed = await neededIds(db, keptPerProject);
		const before = Date.now() - minAgeMs;
		await forgetUploads(db, needed, new Date(before));
		let deleted = 0;
		for (const root of folders.roots) {
			for (const name of await readdir(root)) {
				const path = join(root, name);
				if (isNeeded(name, needed) || (await stat(path)).mtimeMs > before) continue;
				// Gone at once for whoever looks for it: one that is half deleted would be taken for whole.
				const leaving = name.endsWith(".partial") ? path : `${path}.old.partial`;
				if (leaving !== path) await rename(path, leaving);
				await rm(leaving, { recursive: true, force: true });
				deleted++;
			}
		}
		for (const sweepOther of also) await sweepOther().catch((error: unknown) => reportError(error, { part: "retention" }));
		return deleted;
	}

	const timer = setInterval(() => void sweep().catch((error: unknown) => reportError(error, { part: "retention" })), everyMs);
	timer.unref();
	return { sweep, stop: () => clearInterval(timer) };
}

/** True for an entry of one of these ids, and for what an attempt among them is still making: `<id>.<attempt>.partial`. */
export function isNeeded(name: string, ids: ReadonlySet<string>): boolean {
	return ids.has(name) || (name.endsWith(".partial") && name.split(".").some((part) => ids.has(part)));
}

/** Ids of sources, builds and uploads of deployments that have not ended, and of the attempts that run. */
export async function idsInUse(db: Kysely<Schema>): Promise<Set<string>> {
	const rows = await db.selectFrom("deployments").select("state").where("finished_at", "is", null).execute();
	return new Set([...rows.flatMap(({ state }) => idsOf(state)), ...(await openAttempts(db))]);
}

async function openAttempts(db: Kysely<Schema>): Promise<string[]> {
	const rows = await db.selectFrom("attempts").select("id").where("ended_at", "is", null).execute();
	return rows.map(({ id }) => id);
}

/** Ids of sources, builds and uploads of open deployments and of the newest ones of each project, and of the attempts that run. */
async function neededIds(db: Kysely<Schema>, keptPerProject: number): Promise<Set<string>> {
	const rows = await db
		.with("ranked", (cte) =>
			cte
				.selectFrom("deployments")
				.select(["state", "finished_at", sql<number>`row_number() over (partition by project_id order by id desc)`.as("rank")]),
		)
		.selectFrom("ranked")
		.select("state")
		.where((where) => where.or([where("finished_at", "is", null), where("rank", "<=", keptPerProject)]))
		.execute();
	return new Set([...rows.flatMap(({ state }) => idsOf(state)), ...(await openAttempts(db))]);
}

/** Rows of uploads whose folders go, too. */
async function forgetUploads(db: Kysely<Schema>, needed: ReadonlySet<string>, before: Date): Promise<void> {
	const old = await db.selectFrom("uploads").select("id").where("created_at", "<", before).execute();
	const gone = old.map(({ id }) => id).filter((id) => !needed.has(id));
	if (gone.length > 0) await db.deleteFrom("uploads").where("id", "in", gone).execute();
}

function idsOf(state: DeploymentState): string[] {
	// A repaired source is called after its last repair. What an older version stored knows no repairs.
	const repaired = (state.fixes ?? []).map(({ id }) => id);
	return [...repaired, sourceIdOf(state), outputOf(state, "build").build, state.source?.upload].filter((id) => typeof id === "string");
}
