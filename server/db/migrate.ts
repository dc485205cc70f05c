import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { AppError } from "#lib/errors.ts";
import * as firstSlice from "./migrations/001-first-slice.ts";
import * as accounts from "./migrations/002-accounts.ts";
import * as projectsAndReleases from "./migrations/003-projects-and-releases.ts";
import * as recordedPlans from "./migrations/004-recorded-plans.ts";
import * as logPages from "./migrations/005-log-pages.ts";
import * as acknowledgements from "./migrations/006-acknowledgements.ts";
import * as models from "./migrations/007-models.ts";
import * as approvals from "./migrations/009-approvals.ts";
import * as shares from "./migrations/011-shares.ts";
import * as openProtocols from "./migrations/012-open-protocols.ts";
import * as pushRemotes from "./migrations/013-push-remotes.ts";
import * as modelSlots from "./migrations/014-model-slots.ts";
import type { Schema } from "./schema.ts";

/** In order. A migration that was released is never changed: the next one adds to it. */
const migrations: Record<string, Migration> = {
	"001-first-slice": firstSlice,
	"002-accounts": accounts,
	"003-projects-and-releases": projectsAndReleases,
	"004-recorded-plans": recordedPlans,
	"005-log-pages": logPages,
	"006-acknowledgements": acknowledgements,
	"007-models": models,
	"009-approvals": approvals,
	"011-shares": shares,
	"012-open-protocols": openProtocols,
	"013-push-remotes": pushRemotes,
	"014-model-slots": modelSlots,
};

/** Brings the database up to date. Safe to run again and by several processes at once: an advisory lock lets one work. */
export async function migrate(db: Kysely<Schema>): Promise<void> {
	const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
	const { error } = await migrator.migrateToLatest();
	if (error) throw explain(error);
}

function explain(cause: unknown): unknown {
	if (!(cause instanceof Error) || !/previously executed migration .* is missing/.test(cause.message)) return cause;
	return new AppError("database_unavailable", {
		message: "This database was already used by a newer version of Quayside.",
		action: "Start the newer version, or restore a backup from before the upgrade.",
		cause,
	});
}
