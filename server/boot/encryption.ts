import type { Kysely } from "kysely";
import type { Schema } from "../db/schema.ts";
import type { Config } from "../env.ts";
import { createEncryption, type Encryption } from "../secrets/encryption.ts";
import { readInstanceSecret, verifyInstanceSecret } from "../secrets/instance-secret.ts";

/** Refuses a secret that is not the one this database was set up with. */
export async function openEncryption(config: Config, db: Kysely<Schema>): Promise<Encryption> {
	const encryption = createEncryption(
		await readInstanceSecret({ fromEnv: config.secret, home: config.home, required: config.databaseUrl !== null }),
	);
	await verifyInstanceSecret(encryption.checkValue, (value) => rememberOnce(db, "secret-check", value));
	return encryption;
}

/** Stores the value unless one is stored, and answers the stored one. */
async function rememberOnce(db: Kysely<Schema>, key: string, value: string): Promise<string> {
	await db
		.insertInto("meta")
		.values({ key, value })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	return (await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirstOrThrow()).value;
}
