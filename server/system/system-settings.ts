import type { Kysely } from "kysely";
import { type SystemSettings, systemSettingsSchema } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

export interface SystemSettingsStore {
	read(): Promise<SystemSettings>;
	/** Stores those that differ, and writes into the log who changed them. */
	change(by: string, wanted: SystemSettings): Promise<SystemSettings>;
}

/** What nobody decided yet: nothing is allowed that a person would have to allow. */
const defaults: SystemSettings = { assistantsMayApprove: false };

export function createSystemSettings(db: Kysely<Schema>, log: { info(fields: object, message: string): void }): SystemSettingsStore {
	async function read(): Promise<SystemSettings> {
		const rows = await db.selectFrom("system_settings").select(["name", "value"]).execute();
		const stored = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
		const parsed = systemSettingsSchema.partial().safeParse(stored);
		return { ...defaults, ...(parsed.success && parsed.data) };
	}

	return {
		read,
		async change(by, wanted) {
			const before = await read();
			for (const [name, value] of Object.entries(wanted)) {
				if (value === before[name as keyof SystemSettings]) continue;
				const row = { value: JSON.stringify(value), set_by: by, set_at: new Date() };
				await db
					.insertInto("system_settings")
					.values({ name, ...row })
					.onConflict((conflict) => conflict.column("name").doUpdateSet(row))
					.execute();
				log.info({ userId: by, setting: name, value }, "a setting of the platform was changed");
			}
			return read();
		},
	};
}
