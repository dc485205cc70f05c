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

it("makes plans and failures of an earlier version whole, wherever they were recorded, and leaves others as they are", async () => {
	const pool = openPool(await createDatabase("earlier"), { onError: () => undefined });
	await migrate(pool.db);
	const run = (text: string) => sql.raw(text).execute(pool.db);
	const plan = { provider: "node", framework: "Express", directory: "web" };
	const error = { code: "build_failed", message: "It failed." };
	const whole = { alternatives: [{ provider: "static" }], plan: { ...plan, tools: [{ name: "bun", version: null }], env: { A: "1" } } };
	const state = {
		plan,
		error,
		stages: [
			{ stage: "clone", error: null },
			{ stage: "build", error },
		],
	};
	const json = (value: unknown) => `'${JSON.stringify(value)}'::jsonb`;
	await run(`insert into projects (id, owner_id, slug, name, source, target) values ('p', 'o', 'p', 'p', '{}', 'local')`);
	for (const [number, recorded] of [state, { ...whole, error: null, stages: [] }, { plan: null, error: null, stages: [] }].entries())
		await run(`insert into deployments (id, project_id, owner_id, number, status, state, text)
			values ('d${number}', 'p', 'o', ${number}, 'failed', ${json(recorded)}, '')`);
	await run(`insert into releases (id, project_id, deployment_id, node_id, kind, status, plan, env)
		values ('r', 'p', 'd0', 'n', 'process', 'live', ${json(plan)}, '')`);
	const events = { plan_generated: { plan, tasks: [] }, stage_failed: { error }, deployment_completed: { error: null } };
	for (const [seq, [type, metadata]] of Object.entries(events).entries())
		await run(
			`insert into events (stream, seq, id, type, at, body) values ('s', ${seq}, 'e${seq}', '${type}', now(), ${json({ metadata })})`,
		);
	await run(`delete from kysely_migration where name >= '004-recorded-plans'`);
	await migrate(pool.db);

	const added = { language: "", tools: [], installDirectory: null, port: null, env: {}, expects: [], dockerignore: null };
	const [first, second, third] = await pool.db.selectFrom("deployments").select("state").orderBy("id").execute();
	const wholeError = { ...error, cause: null, decisive: null };
	expect(first?.state).toEqual({
		alternatives: [],
		plan: { ...plan, ...added },
		error: wholeError,
		stages: [
			{ stage: "clone", error: null },
			{ stage: "build", error: wholeError },
		],
	});
	expect(second?.state).toEqual({ ...whole, error: null, stages: [] });
	expect(third?.state).toEqual({ alternatives: [], plan: null, error: null, stages: [] });
	expect(await pool.db.selectFrom("releases").select("plan").execute()).toEqual([{ plan: { ...plan, ...added } }]);
	expect((await pool.db.selectFrom("events").select("body").orderBy("seq").execute()).map(({ body }) => body.metadata)).toEqual([
		{ plan: { ...plan, ...added }, tasks: [], alternatives: [] },
		{ error: wholeError },
		{ error: null },
	]);
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
