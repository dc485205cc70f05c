import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { outputOf } from "../../lib/deployment/selectors.ts";
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
}

const everyMs = 10 * 60_000;
/** As long as a page may keep a submission and send it again. */
const keyLifeMs = 7 * 24 * 60 * 60_000;

/** Deletes sources, build results and idempotency keys that nobody needs any more; what a retry misses is made again from the record. */
export function startRetention({ db, folders, reportError, keptPerProject = 3, minAgeMs = 60 * 60_000 }: RetentionOptions): {
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
		let deleted = 0;
		for (const root of folders.roots) {
			for (const name of await readdir(root)) {
				const path = join(root, name);
				if (needed.has(name) || (await stat(path)).mtimeMs > before) continue;
				// Gone at once for whoever looks for it: one that is half deleted would be taken for whole.
				const leaving = name.endsWith(".partial") ? path : `${path}.old.partial`;
				if (leaving !== path) await rename(path, leaving);
				await rm(leaving, { recursive: true, force: true });
				deleted++;
			}
		}
		return deleted;
	}

	const timer = setInterval(() => void sweep().catch((error: unknown) => reportError(error, { part: "retention" })), everyMs);
	timer.unref();
	return { sweep, stop: () => clearInterval(timer) };
}

/** Ids of sources and builds of open deployments and of the newest ones of each project. */
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
	return new Set(rows.flatMap(({ state }) => idsOf(state)));
}

function idsOf(state: DeploymentState): string[] {
	return [outputOf(state, "clone").source, outputOf(state, "build").build].filter((id) => id !== undefined);
}
