import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { streamOf } from "#lib/protocol/index.ts";
import type { Principal, ProjectService } from "#lib/services.ts";
import { createProjectSecrets, type ProjectSecrets } from "#server/projects/project-secrets.ts";
import { createProjectService, type ReleaseControl } from "#server/projects/project-service.ts";
import { createProjectStarts } from "#server/projects/project-starts.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addRelease, person, tableTarget } from "./fixtures.ts";

let database: TestDatabase;
let secrets: ProjectSecrets;
beforeAll(async () => {
	database = await startTestDatabase();
	secrets = createProjectSecrets(database.db, createEncryption(new Secret("a secret")));
}, 60_000);
afterAll(() => database.stop());

let ada: Principal;
let project: { id: string; slug: string; ownerId: string };
beforeEach(async () => {
	ada = person();
	const source = { type: "git" as const, url: `https://git.example.com/acme/${ulid()}` };
	const made = await database.db.transaction().execute((trx) => createProjectStarts(secrets).forSource({ trx }, ada.user.id, { source }));
	project = { ...made.project, ownerId: ada.user.id };
});

const open = (target: ReleaseControl = tableTarget(database)): ProjectService =>
	createProjectService({
		db: database.db,
		streams: database.streams,
		secrets,
		target,
		publicUrlFor: (slug) => `http://${slug}.localhost:3000`,
	});

async function told(stream: string) {
	return (await database.streams.read({ stream, epoch: null, after: 0 })).events.map(({ type, content }) => `${type}: ${content}`);
}

describe("whose projects", () => {
	const calls: [string, (service: ProjectService, who: Principal, slug: string) => Promise<unknown>][] = [
		["get", (service, who, slug) => service.get(who, slug)],
		["releases", (service, who, slug) => service.releases(who, slug)],
		["env", (service, who, slug) => service.env(who, slug)],
		["setEnv", (service, who, slug) => service.setEnv(who, slug, { name: "A", value: "b", secret: false })],
		["deleteEnv", (service, who, slug) => service.deleteEnv(who, slug, "A")],
		["rollback", (service, who, slug) => service.rollback(who, slug, ulid())],
		["start", (service, who, slug) => service.start(who, slug)],
		["stop", (service, who, slug) => service.stop(who, slug)],
		["restart", (service, who, slug) => service.restart(who, slug)],
		["runtimeLog", (service, who, slug) => service.runtimeLog(who, slug)],
	];

	it("names every call but list", () => {
		expect(calls.map(([name]) => name).sort()).toEqual(
			Object.keys(open())
				.filter((name) => name !== "list")
				.sort(),
		);
	});

	it.each(calls)("%s answers not_found to another person, as if there were no project", async (_, call) => {
		const target = tableTarget(database);
		const service = open(target);
		await service.rollback(ada, project.slug, await addRelease(database, { ...project, number: 1 }));
		await service.setEnv(ada, project.slug, { name: "A", value: "kept", secret: false });
		const before = [...target.calls];
		const theirs = await call(service, person(), project.slug).catch((error: Error) => error);
		const none = await call(service, ada, "no-such-project").catch((error: Error) => error);
		expect(theirs).toMatchObject({ code: "not_found" });
		expect(String(theirs)).toBe(String(none));
		expect(target.calls).toEqual(before);
		expect(await service.env(ada, project.slug)).toMatchObject([{ name: "A", value: "kept" }]);
	});

	it("lists a person's own, and everybody's to an administrator", async () => {
		const service = open();
		expect((await service.list(ada)).map(({ slug }) => slug)).toEqual([project.slug]);
		expect(await service.list(person())).toEqual([]);
		expect((await service.list(person("admin"))).map(({ slug }) => slug)).toContain(project.slug);
		expect(await service.get(person("admin"), project.slug)).toMatchObject({ id: project.id, previewUrl: null, releaseStatus: null });
	});

	it("does not roll back to the release of another project", async () => {
		const source = { type: "git" as const, url: `https://git.example.com/acme/${ulid()}` };
		const other = await database.db
			.transaction()
			.execute((trx) => createProjectStarts(secrets).forSource({ trx }, ada.user.id, { source }));
		const foreign = await addRelease(database, { id: other.project.id, ownerId: ada.user.id, number: 1 });
		await expect(open().rollback(ada, project.slug, foreign)).rejects.toMatchObject({ code: "not_found" });
	});
});

describe("the environment of a project", () => {
	it("shows plain values, hides secrets, and stores neither in clear", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "PLAIN", value: "plain-value", secret: false });
		await service.setEnv(ada, project.slug, { name: "KEY", value: "s3cr3t-value", secret: true });
		expect(await service.env(ada, project.slug)).toMatchObject([
			{ name: "KEY", value: null, secret: true },
			{ name: "PLAIN", value: "plain-value", secret: false },
		]);
		const rows = await database.db.selectFrom("project_env").select("value").where("project_id", "=", project.id).execute();
		for (const { value } of rows) expect(Buffer.from(value).toString("latin1")).not.toMatch(/value/);
		expect(await secrets.environment(project.id)).toEqual({
			values: { KEY: "s3cr3t-value", PLAIN: "plain-value" },
			secrets: ["s3cr3t-value"],
		});
	});

	it("hides the access token of the source too", async () => {
		await secrets.setGitToken(project.id, new Secret("ghp_TESTSECRET"));
		expect((await secrets.environment(project.id)).secrets).toEqual(["ghp_TESTSECRET"]);
	});

	it("cannot be read from another row", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "A", value: "first", secret: true });
		await service.setEnv(ada, project.slug, { name: "B", value: "second", secret: false });
		const { value } = await database.db
			.selectFrom("project_env")
			.select("value")
			.where("project_id", "=", project.id)
			.where("name", "=", "A")
			.executeTakeFirstOrThrow();
		await database.db.updateTable("project_env").set({ value }).where("project_id", "=", project.id).where("name", "=", "B").execute();
		await expect(service.env(ada, project.slug)).rejects.toMatchObject({ code: "misconfigured" });
	});

	it("is changed in place, deleted once, and says so without the value", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "A", value: "s3cr3t-value", secret: true });
		await service.setEnv(ada, project.slug, { name: "A", value: "other-value", secret: false });
		expect(await service.env(ada, project.slug)).toMatchObject([{ name: "A", value: "other-value", secret: false }]);
		await service.deleteEnv(ada, project.slug, "A");
		await expect(service.deleteEnv(ada, project.slug, "A")).rejects.toMatchObject({ code: "not_found" });
		expect(await told(streamOf.project(project.id))).toEqual([
			"system: A was set. It is used from the next deployment on.",
			"system: A was set. It is used from the next deployment on.",
			"system: A was deleted. It is left out from the next deployment on.",
		]);
	});

	it("has a bounded number of variables", async () => {
		const rows = Array.from({ length: 200 }, (_, n) => ({
			project_id: project.id,
			name: `V${n}`,
			value: Buffer.from("x"),
			secret: true,
			updated_at: new Date(),
		}));
		await database.db.insertInto("project_env").values(rows).execute();
		await expect(open().setEnv(ada, project.slug, { name: "ONE_MORE", value: "", secret: false })).rejects.toMatchObject({
			code: "conflict",
		});
		await expect(open().setEnv(ada, project.slug, { name: "V1", value: "new", secret: true })).resolves.toMatchObject({ name: "V1" });
	});
});

describe("the releases of a project", () => {
	it("are rolled back whole, and everybody who watches is told", async () => {
		const target = tableTarget(database);
		const service = open(target);
		const older = await addRelease(database, { ...project, number: 1 });
		const newer = await addRelease(database, { ...project, number: 2 });
		await service.rollback(ada, project.slug, newer);
		const active = await service.rollback(ada, project.slug, older);
		expect(active).toMatchObject({ id: older, active: true, status: "live", deploymentNumber: 1, framework: "Express", sizeBytes: 1234 });
		expect((await service.releases(ada, project.slug)).map(({ id, active, status }) => [id, active, status])).toEqual([
			[newer, false, "stopped"],
			[older, true, "live"],
		]);
		expect(await service.get(ada, project.slug)).toMatchObject({
			releaseStatus: "live",
			previewUrl: `http://${project.slug}.localhost:3000`,
		});
		const sentence = expect.stringMatching(/^release_changed: .* is back on the release of deployment 1\.$/);
		expect(await told(streamOf.project(project.id))).toContainEqual(sentence);
		expect(await told(streamOf.user(ada.user.id))).toContainEqual(sentence);
	});

	it("stay as they are when the older one does not answer", async () => {
		const broken = await addRelease(database, { ...project, number: 1 });
		const good = await addRelease(database, { ...project, number: 2 });
		const target = tableTarget(database, new Set([broken]));
		const service = open(target);
		await service.rollback(ada, project.slug, good);
		await expect(service.rollback(ada, project.slug, broken)).rejects.toMatchObject({ code: "app_not_listening" });
		expect(target.calls.at(-1)).toBe(`stop ${broken}`);
		expect(await service.releases(ada, project.slug)).toMatchObject([
			{ id: good, active: true, status: "live" },
			{ id: broken, active: false, status: "stopped" },
		]);
	});

	it("are refused when they are lost", async () => {
		const gone = await addRelease(database, { ...project, number: 1 }, "lost");
		const target = tableTarget(database);
		await expect(open(target).rollback(ada, project.slug, gone)).rejects.toMatchObject({ code: "conflict" });
		expect(target.calls).toEqual([]);
	});

	it("stop, start and start again", async () => {
		const target = tableTarget(database);
		const service = open(target);
		const release = await addRelease(database, { ...project, number: 1 });
		await service.rollback(ada, project.slug, release);
		target.calls.length = 0;
		expect((await service.stop(ada, project.slug)).status).toBe("stopped");
		expect((await service.start(ada, project.slug)).status).toBe("live");
		expect((await service.restart(ada, project.slug)).status).toBe("live");
		expect(target.calls).toEqual([`stop ${release}`, `start ${release}`, `stop ${release}`, `start ${release}`]);
	});

	it("cannot be started before there is one", async () => {
		await expect(open().start(ada, project.slug)).rejects.toMatchObject({ code: "conflict" });
		expect(await open().runtimeLog(ada, project.slug)).toBe("");
	});

	it("have a log without the project's secrets", async () => {
		const service = open();
		const release = await addRelease(database, { ...project, number: 1 });
		await service.setEnv(ada, project.slug, { name: "KEY", value: "s3cr3t-value", secret: true });
		await service.rollback(ada, project.slug, release);
		expect(await service.runtimeLog(ada, project.slug)).toBe(`log of ${release}, 65536 bytes, [hidden]`);
	});
});
