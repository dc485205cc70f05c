import { type Kysely, sql } from "kysely";
import type { Schema } from "../db/schema.ts";
import type { ReadyModel } from "./providers.ts";
import type { CallOptions, StreamPart } from "./sdk.ts";

/** Answers that are kept for identical calls of the same project, for a day. */
export interface KeptAnswers {
	keyOf(projectId: string, model: ReadyModel, options: CallOptions): string;
	find(key: string): Promise<StreamPart[] | null>;
	keep(key: string, projectId: string, parts: readonly StreamPart[]): Promise<void>;
	/** One that turned out to be of no use. */
	forget(keys: readonly string[]): Promise<void>;
	tidy(): Promise<void>;
}

const keepFor = sql`interval '1 day'`;
const maxBytes = 512 * 1024;

/** `fingerprint` tells texts apart without telling them. */
export function createKeptAnswers(db: Kysely<Schema>, fingerprint: (text: string) => string): KeptAnswers {
	return {
		keyOf(projectId, model, { prompt, tools, toolChoice, responseFormat, maxOutputTokens, temperature }) {
			const asked = { prompt, tools, toolChoice, responseFormat, maxOutputTokens, temperature };
			return fingerprint(JSON.stringify(["model answer", projectId, model.kind, model.baseUrl, model.name, asked]));
		},
		async find(key) {
			const row = await db
				.selectFrom("model_answers")
				.select("body")
				.where("key", "=", key)
				.where("created_at", ">", sql<Date>`now() - ${keepFor}`)
				.executeTakeFirst();
			return row ? (row.body as StreamPart[]) : null;
		},
		async keep(key, projectId, parts) {
			const body = JSON.stringify(parts);
			if (Buffer.byteLength(body) > maxBytes) return;
			const row = { key, project_id: projectId, body, created_at: new Date() };
			await db
				.insertInto("model_answers")
				.values(row)
				.onConflict((conflict) => conflict.column("key").doUpdateSet(row))
				.execute();
		},
		async forget(keys) {
			if (keys.length > 0) await db.deleteFrom("model_answers").where("key", "in", keys).execute();
		},
		async tidy() {
			await sql`delete from model_answers where created_at < now() - ${keepFor}`.execute(db);
		},
	};
}
