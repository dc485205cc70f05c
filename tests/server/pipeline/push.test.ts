import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emptyState } from "#lib/deployment/state.ts";
import { type Outcome, streamOf, succeeded } from "#lib/protocol/index.ts";
import { artifactOf } from "#server/pipeline/artifacts.ts";
import { createPushService, type ProductPush } from "#server/pipeline/push.ts";
import { createDeployKeys } from "#server/projects/deploy-keys.ts";
import { createPushRemotes } from "#server/projects/push-remotes.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addRelease, person } from "../projects/fixtures.ts";
import { addProject } from "../targets/local-machine.ts";

const ada = person();
const encryption = createEncryption(new Secret("a secret of tests"));
const url = "https://git.example.com/acme/site.git";
const signal = new AbortController().signal;

let database: TestDatabase;
beforeAll(async () => {
	database = await startTestDatabase();
}, 60_000);
afterAll(() => database.stop());

/** A project with a product of one file, and the service that pushes it; git answers what a test says. */
async function product(push: (push: ProductPush) => Promise<Outcome<{ commit: string; unchanged: boolean }>>) {
	const { db, streams } = database;
	const project = await addProject(db, `site-${ulid().toLowerCase()}`);
	const id = await addRelease(database, { id: project.id, ownerId: ada.user.id, number: 1 });
	const tasks = [{ id: "1", title: "Write", agent: "Developer", files: ["index.html"], status: "done", durationMs: 1 }];
	const state = {
		...emptyState(id),
		ownerId: ada.user.id,
		number: 1,
		project: { id: project.id, slug: project.slug, name: "Site" },
		tasks,
	};
	await db
		.updateTable("deployments")
		.set({ state: JSON.stringify(state) })
		.where("id", "=", id)
		.execute();
	await streams.write((writer) => artifactOf(id, { name: "index.html", mediaType: "text/html", text: "<h1>Hi</h1>" }).write(writer));
	const remotes = createPushRemotes(db, encryption);
	const keys = createDeployKeys(db, encryption);
	const service = createPushService({ db, streams, remotes, keys, fingerprint: encryption.fingerprint, push });
	const send = (input: object) => service.push(ada, id, input, { signal });
	const kept = async (of: string) => (await remotes.token(project.id, of))?.reveal() ?? null;
	const told = async () =>
		(await streams.read({ stream: streamOf.project(project.id), epoch: null, after: 0 }, 100)).events.map(({ content }) => content);
	return { project, send, kept, told };
}

describe("a push that changes nothing", () => {
	it("leaves the token that is kept, for it proves no other one; a push that does replaces it", async () => {
		let unchanged = false;
		const given: (string | undefined)[] = [];
		const { send, kept, told } = await product(async ({ token }) => {
			given.push(token?.reveal());
			return succeeded({ commit: "c0ffee1", unchanged });
		});
		await send({ url, token: "good" });
		unchanged = true;
		await send({ token: "mistyped" });
		expect(await kept(url)).toBe("good");
		expect((await told()).at(-1)).toContain("held deployment 1 already");
		unchanged = false;
		await send({});
		await send({ token: "newer" });
		expect(await kept(url)).toBe("newer");
		expect(given).toEqual(["good", "mistyped", "good", "newer"]);
	});

	it("at another server takes no token of the one before there", async () => {
		const { send, kept } = await product(async () => succeeded({ commit: "c0ffee1", unchanged: true }));
		const other = "https://other.example.com/acme/site.git";
		await send({ url, token: "first" });
		expect(await kept(url)).toBe("first");
		await send({ url: other });
		expect([await kept(url), await kept(other)]).toEqual([null, null]);
	});
});

describe("a project that is deleted", () => {
	const mark = (id: string) => database.db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", id).execute();

	it("while it is pushed gets no stream back and keeps no token; the push is answered", async () => {
		const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
		const { promise: gone, resolve: go } = Promise.withResolvers<void>();
		const { project, send, kept } = await product(async () => {
			reach();
			await gone;
			return succeeded({ commit: "c0ffee1", unchanged: false });
		});
		const pushing = send({ url, token: "good" });
		await reached;
		await mark(project.id);
		go();
		expect(await pushing).toMatchObject({ commit: "c0ffee1" });
		expect(await kept(url)).toBeNull();
		const stream = database.db.selectFrom("streams").select("name").where("name", "=", streamOf.project(project.id));
		expect(await stream.executeTakeFirst()).toBeUndefined();
	});

	it("is not pushed any more, and is not there", async () => {
		const { project, send } = await product(() => Promise.reject(new Error("nothing is pushed")));
		await mark(project.id);
		await expect(send({ url })).rejects.toMatchObject({ code: "not_found" });
	});
});
