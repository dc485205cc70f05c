import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPool } from "#server/db/connection.ts";
import { openDatabase } from "#server/db/database.ts";
import { migrate } from "#server/db/migrate.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let test: TestDatabase;
beforeAll(async () => {
	test = await startTestDatabase();
});
afterAll(() => test.stop());

async function createDatabase(name: string) {
	await sql`create database ${sql.id(name)}`.execute(test.db);
	return { ...test.connection, database: name };
}

/** The same place as an address, the way a person gives it. */
function urlOf(database: string, password = test.connection.password?.() ?? ""): string {
	return `postgresql://${test.connection.user}:${password}@/${database}?host=${encodeURIComponent(test.connection.host ?? "")}`;
}

it("works for several processes at once on an empty database, and again", async () => {
	const connection = await createDatabase("several");
	const pools = Array.from({ length: 5 }, () => openPool(connection, { max: 2, onError: () => undefined }));
	await Promise.all(pools.map((pool) => migrate(pool.db)));
	await Promise.all(pools.map((pool) => migrate(pool.db)));
	const [first] = pools;
	expect(await first?.db.selectFrom("deployments").selectAll().execute()).toEqual([]);
	await Promise.all(pools.map((pool) => pool.close()));
});

it("adds to a database that has the tables but not their history", async () => {
	const connection = await createDatabase("without_history");
	const pool = openPool(connection, { onError: () => undefined });
	await migrate(pool.db);
	await pool.db.insertInto("meta").values({ key: "kept", value: "yes" }).execute();
	await sql`drop table kysely_migration, kysely_migration_lock`.execute(pool.db);
	await migrate(pool.db);
	expect(await pool.db.selectFrom("meta").selectAll().execute()).toEqual([{ key: "kept", value: "yes" }]);
	await pool.close();
});

it("says so when the database was used by a newer version", async () => {
	const connection = await createDatabase("newer");
	const pool = openPool(connection, { onError: () => undefined });
	await migrate(pool.db);
	await sql`insert into kysely_migration values ('999-future', now()::text)`.execute(pool.db);
	await expect(migrate(pool.db)).rejects.toMatchObject({ code: "database_unavailable", message: expect.stringContaining("newer version") });
	await pool.close();
});

it("opens a database given by its address, and starts none of its own", async () => {
	await createDatabase("given");
	const database = await openDatabase({ databaseUrl: urlOf("given"), home: "/nonexistent", log: silentLog });
	expect(database.serverPid()).toBeNull();
	expect(await database.db.selectFrom("streams").selectAll().execute()).toEqual([]);
	await database.stop();
});

it.each([
	["refused the user or the password", () => urlOf("postgres", "wrong")],
	["does not exist", () => urlOf("missing")],
])("says in plain words when the given database %s, without repeating its address", async (words, url) => {
	const opening = openDatabase({ databaseUrl: url(), home: "/nonexistent", log: silentLog });
	const error = await opening.catch((thrown: unknown) => thrown);
	expect(error).toMatchObject({ code: "database_unavailable", message: expect.stringContaining(words) });
	expect(String(error)).not.toContain("wrong");
});
