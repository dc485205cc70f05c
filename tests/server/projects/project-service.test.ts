import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { streamOf } from "#lib/protocol/index.ts";
import type { Principal, ProjectService } from "#lib/services.ts";
import { createDeployKeys, type DeployKeys } from "#server/projects/deploy-keys.ts";
import { createProjectSecrets, type ProjectSecrets } from "#server/projects/project-secrets.ts";
import { createProjectService, type ReleaseControl } from "#server/projects/project-service.ts";
import { createProjectStarts } from "#server/projects/project-starts.ts";
import { openReleaseStore } from "#server/projects/release-store.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addRelease, person, tableTarget } from "./fixtures.ts";

let database: TestDatabase;
let secrets: ProjectSecrets;
let keys: DeployKeys;
beforeAll(async () => {
	database = await startTestDatabase();
	const encryption = createEncryption(new Secret("a secret"));
	secrets = createProjectSecrets(database.db, encryption);
	keys = createDeployKeys(database.db, encryption);
}, 60_000);
afterAll(() => database.stop());

let ada: Principal;
let project: { id: string; slug: string; ownerId: string };
beforeEach(async () => {
	ada = person();
	const source = { type: "git" as const, url: `https://git.example.com/acme/${ulid()}` };
	const made = await database.db
		.transaction()
		.execute((trx) => createProjectStarts(secrets, keys).forSource({ trx }, ada.user.id, { source }));
	project = { ...made.project, ownerId: ada.user.id };
});

const removals: string[] = [];
const newest = { lines: 500, wait: 0 };
const { signal } = new AbortController();
const open = (target: ReleaseControl = tableTarget(database)): ProjectService =>
	createProjectService({
		db: database.db,
		streams: database.streams,
		secrets,
		target,
		removeProject: (id) => removals.push(id),
		publicUrlFor: (slug) => `http://${slug}.localhost:3000`,
	});

async function told(stream: string) {
	return (await database.streams.read({ stream, epoch: null, after: 0 })).events.map(({ type, content }) => `${type}: ${content}`);
}

describe("whose projects", () => {
	const calls: [string, (service: ProjectService, who: Principal, slug: string) => Promise<unknown>][] = [
		["get", (service, who, slug) => service.get(who, slug)],
		["releases", (service, who, slug) => service.releases(who, slug)],
		["settings", (service, who, slug) => service.settings(who, slug)],
		["setSettings", (service, who, slug) => service.setSettings(who, slug, { memoryMb: 64 })],
		["delete", (service, who, slug) => service.delete(who, slug)],
		["env", (service, who, slug) => service.env(who, slug)],
		["setEnv", (service, who, slug) => service.setEnv(who, slug, { name: "A", value: "b", secret: false, scope: "both" })],
		["deleteEnv", (service, who, slug) => service.deleteEnv(who, slug, "A")],
		["rollback", (service, who, slug) => service.rollback(who, slug, ulid())],
		["start", (service, who, slug) => service.start(who, slug)],
		["stop", (service, who, slug) => service.stop(who, slug)],
		["restart", (service, who, slug) => service.restart(who, slug)],
		["runtimeLog", (service, who, slug) => service.runtimeLog(who, slug, newest, signal)],
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
		await service.setEnv(ada, project.slug, { name: "A", value: "kept", secret: false, scope: "both" });
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
			.execute((trx) => createProjectStarts(secrets, keys).forSource({ trx }, ada.user.id, { source }));
		const foreign = await addRelease(database, { id: other.project.id, ownerId: ada.user.id, number: 1 });
		await expect(open().rollback(ada, project.slug, foreign)).rejects.toMatchObject({ code: "not_found" });
	});
});

describe("the settings of a project", () => {
	it("are replaced whole, and its page is told who changed what", async () => {
		const service = open();
		expect(await service.settings(ada, project.slug)).toEqual({});
		const first = {
			plan: { start: ["node", "server.js"], build: null, env: { GREETING: "hello" } },
			deadlinesMs: { build: 600_000 },
			memoryMb: 256,
			sleepAfterMinutes: 30,
			keepReleases: 3,
		};
		expect(await service.setSettings(ada, project.slug, first)).toEqual(first);
		await service.setSettings(ada, project.slug, { plan: { start: ["node", "server.js"] }, memoryMb: 256 });
		expect(await service.settings(ada, project.slug)).toEqual({ plan: { start: ["node", "server.js"] }, memoryMb: 256 });
		const [set, unset, ...more] = await told(streamOf.project(project.id));
		expect(set).toBe(
			[
				`system: ${ada.user.name} changed the settings.`,
				"The start command: node server.js, from the next deployment on.",
				"The build command: none, from the next deployment on.",
				"The variables of the plan: GREETING, from the next deployment on.",
				"The stage “build” may take 10 min 00 s.",
				"From its next start the app may use 256 MB of memory.",
				"The app sleeps after 30 minutes without a visitor.",
				"Quayside keeps 3 releases.",
			].join(" "),
		);
		expect(unset).toContain("The build command is as detected from the next deployment on.");
		expect(unset).toContain("The app never sleeps. Quayside keeps as many releases as by default.");
		expect(unset).not.toContain("memory");
		expect(more).toEqual([]);
	});

	it("that are the same again are not told", async () => {
		const service = open();
		await service.setSettings(ada, project.slug, { keepReleases: 3 });
		await service.setSettings(ada, project.slug, { keepReleases: 3 });
		expect(await told(streamOf.project(project.id))).toHaveLength(1);
	});

	it("about memory end what the active release was reused for: the next deployment starts one that has it", async () => {
		const service = open();
		const release = await addRelease(database, { ...project, number: 1 });
		await service.rollback(ada, project.slug, release);
		const store = openReleaseStore(database.db, "node");
		await database.db.updateTable("releases").set({ build_key: "key", status: "live" }).where("id", "=", release).execute();
		await service.setSettings(ada, project.slug, { keepReleases: 3 });
		expect(await store.findLive(project.id, "key")).toMatchObject({ id: release });
		await service.setSettings(ada, project.slug, { keepReleases: 3, memoryMb: 128 });
		expect(await store.findLive(project.id, "key")).toBeNull();
	});

	it("give their memory to the active release; an older one keeps what it ran with", async () => {
		const service = open();
		const older = await addRelease(database, { ...project, number: 1 });
		const newer = await addRelease(database, { ...project, number: 2 });
		await service.rollback(ada, project.slug, newer);
		await service.setSettings(ada, project.slug, { memoryMb: 128 });
		const rows = await database.db.selectFrom("releases").select(["id", "memory_mb"]).where("project_id", "=", project.id).execute();
		expect(Object.fromEntries(rows.map(({ id, memory_mb }) => [id, memory_mb]))).toEqual({ [older]: null, [newer]: 128 });
	});
});

describe("a project that is deleted", () => {
	it("is gone for everybody at once, its owner's lists are told, and its removal begins", async () => {
		const service = open();
		await service.delete(ada, project.slug);
		expect(removals.at(-1)).toBe(project.id);
		expect(await service.list(ada)).toEqual([]);
		await expect(service.get(ada, project.slug)).rejects.toMatchObject({ code: "not_found" });
		await expect(service.delete(ada, project.slug)).rejects.toMatchObject({ code: "not_found" });
		expect(await told(streamOf.user(ada.user.id))).toEqual([
			expect.stringMatching(/^system: .* deleted .*\. Its app is stopped and everything that belongs to it is removed\.$/),
		]);
	});
});

describe("the environment of a project", () => {
	it("shows plain values, hides secrets, and stores neither in clear", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "PLAIN", value: "plain-value", secret: false, scope: "both" });
		await service.setEnv(ada, project.slug, { name: "TO_BUILD", value: "only-to-build", secret: false, scope: "build" });
		await service.setEnv(ada, project.slug, { name: "TO_RUN", value: "only-to-run", secret: false, scope: "runtime" });
		await service.setEnv(ada, project.slug, { name: "KEY", value: "s3cr3t-value", secret: true, scope: "both" });
		expect(await service.env(ada, project.slug)).toMatchObject([
			{ name: "KEY", value: null, secret: true },
			{ name: "PLAIN", value: "plain-value", secret: false, scope: "both" },
			{ name: "TO_BUILD", scope: "build" },
			{ name: "TO_RUN", scope: "runtime" },
		]);
		const rows = await database.db.selectFrom("project_env").select("value").where("project_id", "=", project.id).execute();
		for (const { value } of rows) expect(Buffer.from(value).toString("latin1")).not.toMatch(/value/);
		expect(await secrets.environment(project.id)).toEqual({
			build: { KEY: "s3cr3t-value", PLAIN: "plain-value", TO_BUILD: "only-to-build" },
			runtime: { KEY: "s3cr3t-value", PLAIN: "plain-value", TO_RUN: "only-to-run" },
			secrets: ["s3cr3t-value"],
		});
	});

	it("hides the access token of the source too", async () => {
		await secrets.setGitToken(project.id, new Secret("ghp_TESTSECRET"));
		expect((await secrets.environment(project.id)).secrets).toEqual(["ghp_TESTSECRET"]);
	});

	it("cannot be read from another row", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "A", value: "first", secret: true, scope: "both" });
		await service.setEnv(ada, project.slug, { name: "B", value: "second", secret: false, scope: "both" });
		const { value } = await database.db
			.selectFrom("project_env")
			.select("value")
			.where("project_id", "=", project.id)
			.where("name", "=", "A")
			.executeTakeFirstOrThrow();
		await database.db.updateTable("project_env").set({ value }).where("project_id", "=", project.id).where("name", "=", "B").execute();
		await expect(service.env(ada, project.slug)).rejects.toMatchObject({ code: "misconfigured" });
	});

	it("keeps its value where none is given, and a secret stays one", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "KEY", value: "s3cr3t-value", secret: true, scope: "both" });
		expect(await service.setEnv(ada, project.slug, { name: "KEY", secret: true, scope: "runtime" })).toMatchObject({ value: null });
		expect(await secrets.environment(project.id)).toEqual({ build: {}, runtime: { KEY: "s3cr3t-value" }, secrets: ["s3cr3t-value"] });
		for (const [name, secret] of [
			["KEY", false],
			["OTHER", true],
		] as const)
			await expect(service.setEnv(ada, project.slug, { name, secret, scope: "both" })).rejects.toMatchObject({ code: "bad_request" });
		await service.setEnv(ada, project.slug, { name: "PLAIN", value: "plain-value", secret: false, scope: "both" });
		expect(await service.setEnv(ada, project.slug, { name: "PLAIN", secret: false, scope: "build" })).toMatchObject({
			value: "plain-value",
		});
	});

	it("is changed in place, deleted once, and says so without the value", async () => {
		const service = open();
		await service.setEnv(ada, project.slug, { name: "A", value: "s3cr3t-value", secret: true, scope: "both" });
		await service.setEnv(ada, project.slug, { name: "A", value: "other-value", secret: false, scope: "both" });
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
		await expect(open().setEnv(ada, project.slug, { name: "ONE_MORE", value: "", secret: false, scope: "both" })).rejects.toMatchObject({
			code: "conflict",
		});
		await expect(open().setEnv(ada, project.slug, { name: "V1", value: "new", secret: true, scope: "both" })).resolves.toMatchObject({
			name: "V1",
		});
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
		const sentence = expect.stringMatching(/^release_changed: .* is back on the release of deployment 1: .+ rolled it back\.$/);
		expect(await told(streamOf.project(project.id))).toContainEqual(sentence);
		expect(await told(streamOf.user(ada.user.id))).toContainEqual(sentence);
		await service.rollback(ada, project.slug, newer);
		expect((await told(streamOf.project(project.id))).at(-1)).toMatch(/ is on the release of deployment 2: .+ chose it\.$/);
	});

	it("stay as they are when the older one does not answer", async () => {
		const broken = await addRelease(database, { ...project, number: 1 });
		const good = await addRelease(database, { ...project, number: 2 });
		const target = tableTarget(database, new Set([broken]));
		const service = open(target);
		await service.rollback(ada, project.slug, good);
		await expect(service.rollback(ada, project.slug, broken)).rejects.toMatchObject({ code: "app_not_listening" });
		expect(target.calls.at(-1)).toBe(`abandon ${broken}`);
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
		expect(await open().runtimeLog(ada, project.slug, newest, signal)).toEqual({ log: "", cursor: "", reset: false });
	});

	it("have a log without the project's secrets", async () => {
		const service = open();
		const release = await addRelease(database, { ...project, number: 1 });
		await service.setEnv(ada, project.slug, { name: "KEY", value: "s3cr3t-value", secret: true, scope: "both" });
		await service.rollback(ada, project.slug, release);
		expect(await service.runtimeLog(ada, project.slug, newest, signal)).toEqual({
			log: `log of ${release}, 500 lines, all, [hidden]\n`,
			cursor: `${release}/end`,
			reset: false,
		});
	});

	it("have a log that is waited for, begins anew with another release, and is there for older ones", async () => {
		const service = open();
		const older = await addRelease(database, { ...project, number: 1 });
		const newer = await addRelease(database, { ...project, number: 2 });
		await service.rollback(ada, project.slug, older);
		const waiting = service.runtimeLog(ada, project.slug, { lines: 5, wait: 20, after: `${older}/end` }, signal);
		await service.rollback(ada, project.slug, newer);
		expect(await waiting).toMatchObject({ log: expect.stringContaining(`log of ${newer}`), reset: true });
		expect(await service.runtimeLog(ada, project.slug, { ...newest, release: older, search: "x" }, signal)).toMatchObject({
			log: expect.stringContaining(`log of ${older}, 500 lines, x,`),
		});
		const left = new AbortController();
		const quiet = service.runtimeLog(ada, project.slug, { lines: 5, wait: 20, after: `${newer}/end` }, left.signal);
		left.abort();
		expect(await quiet).toMatchObject({ log: "", cursor: `${newer}/end`, reset: false });
		await expect(service.runtimeLog(ada, project.slug, { ...newest, release: ulid() }, signal)).rejects.toMatchObject({
			code: "not_found",
		});
	});
});
