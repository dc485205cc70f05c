import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { GitSource } from "#lib/protocol/index.ts";
import { createDeployKeys } from "#server/projects/deploy-keys.ts";
import { createProjectSecrets, type ProjectSecrets } from "#server/projects/project-secrets.ts";
import { adoptSource } from "#server/projects/project-source.ts";
import { createProjectStarts, type ProjectStarts, type StartingProject } from "#server/projects/project-starts.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";

let database: TestDatabase;
let secrets: ProjectSecrets;
let starts: ProjectStarts;
beforeAll(async () => {
	database = await startTestDatabase();
	const encryption = createEncryption(new Secret("a secret"));
	secrets = createProjectSecrets(database.db, encryption);
	starts = createProjectStarts(secrets, createDeployKeys(database.db, encryption));
}, 60_000);
afterAll(() => database.stop());
beforeEach(() => database.db.deleteFrom("projects").execute());

const url = "https://git.example.com/acme/Web_Shop.git";
const ada = ulid();
const bob = ulid();

function start(ownerId: string, source: Partial<GitSource> = {}, project?: string) {
	return database.db
		.transaction()
		.execute((trx) => starts.forSource({ trx }, ownerId, { source: { type: "git", url, ...source }, project }));
}

/** As the end of its clone does. */
const adopt = ({ project, source }: StartingProject) => database.db.transaction().execute((trx) => adoptSource(trx, project.id, source));

const sourceOf = async (id: string) =>
	(await database.db.selectFrom("projects").select("source").where("id", "=", id).executeTakeFirstOrThrow()).source;

describe("the source of a project", () => {
	it("changes once a clone has shown that the new one exists, and not before", async () => {
		const { project } = await start(ada, {}, "shop");
		const other = await start(ada, { ref: "next", directory: "app" }, "shop");
		expect(other.source).toMatchObject({ ref: "next", directory: "app" });
		expect(await sourceOf(project.id)).toMatchObject({ ref: null, directory: null });
		await adopt(other);
		expect(await sourceOf(project.id)).toMatchObject({ ref: "next", directory: "app" });
	});

	it("is the one that was asked for last, also when an earlier clone ends later", async () => {
		const { project } = await start(ada, {}, "shop");
		const slow = await start(ada, { ref: "slow" }, "shop");
		const fast = await start(ada, { ref: "fast" }, "shop");
		await adopt(fast);
		await adopt(slow);
		expect(await sourceOf(project.id)).toMatchObject({ ref: "fast" });
		await start(ada, { ref: "gone" }, "shop");
		await adopt(await start(ada, { ref: "fast" }, "shop"));
		expect(await sourceOf(project.id)).toMatchObject({ ref: "fast" });
	});

	it("keeps a token that works when another one is tried and refused", async () => {
		const { project } = await start(ada, { token: "ghp_GOOD12" }, "shop");
		await start(ada, { token: "ghp_WRONG1" }, "shop");
		expect((await secrets.gitToken(project.id, url))?.reveal()).toBe("ghp_WRONG1");
		expect((await secrets.environment(project.id)).secrets.sort()).toEqual(["ghp_GOOD12", "ghp_WRONG1"]);
		await start(ada, {}, "shop");
		expect((await secrets.gitToken(project.id, url))?.reveal()).toBe("ghp_GOOD12");
		await adopt(await start(ada, { token: "ghp_BETTER" }, "shop"));
		await start(ada, {}, "shop");
		expect((await secrets.gitToken(project.id, url))?.reveal()).toBe("ghp_BETTER");
	});

	it("that is reached by ssh has a key from the beginning", async () => {
		const { project } = await start(ada, { url: "git@git.example.com:acme/shop.git" });
		const row = () => database.db.selectFrom("projects").selectAll().where("id", "=", project.id).executeTakeFirstOrThrow();
		const before = (await row()).deploy_key_public;
		expect(before).toMatch(/^ssh-ed25519 \S+ quayside-shop$/);
		await start(ada, { url: "git@git.example.com:acme/shop.git" });
		expect((await row()).deploy_key_public).toBe(before);
		expect((await start(ada)).project.id).not.toBe(project.id);
	});
});

describe("the project of a deployment", () => {
	it("is named after its repository", async () => {
		const { project, source, number, target } = await start(ada, { ref: "main" });
		expect(project).toMatchObject({ slug: "web-shop", name: "Web_Shop" });
		expect(source).toEqual({ type: "git", url, ref: "main", directory: null, private: false });
		expect({ number, target }).toEqual({ number: 1, target: "local" });
	});

	it("is the same for the same source, and counts its deployments", async () => {
		const first = await start(ada);
		const second = await start(ada, { ref: "next", directory: "/" });
		expect(second.project).toEqual(first.project);
		expect(second.number).toBe(2);
		expect(second.source.ref).toBe("next");
		await adopt(second);
		const third = await database.db.transaction().execute((trx) => starts.next({ trx }, first.project.id));
		expect(third).toMatchObject({ number: 3, project: first.project, source: { ref: "next" } });
	});

	it("is another one for another directory", async () => {
		const root = await start(ada);
		const app = await start(ada, { directory: "apps/Docs/" });
		expect(app.project.id).not.toBe(root.project.id);
		expect(app.project.slug).toBe("web-shop-docs");
		expect(app.source.directory).toBe("apps/Docs");
	});

	it("is never another person's", async () => {
		const hers = await start(ada);
		const his = await start(bob);
		expect(his.project.id).not.toBe(hers.project.id);
		expect(his.project.slug).toBe("web-shop-2");
		await expect(start(bob, {}, hers.project.slug)).rejects.toMatchObject({ code: "name_taken" });
	});

	it("is the one that is asked for, also with another source", async () => {
		const made = await start(ada, {}, "shop");
		const moved = await start(ada, { url: "https://git.example.com/acme/moved" }, "shop");
		expect(moved.project).toEqual(made.project);
		expect(moved.source.url).toBe("https://git.example.com/acme/moved");
	});

	it("leaves its access token behind when it moves to another server, and never tells it to one", async () => {
		const { project } = await start(ada, { token: "ghp_TESTSECRET" }, "shop");
		for (const other of ["https://git.example.org/acme/shop", "http://git.example.com/acme/shop", "https://git.example.com:8443/acme/shop"])
			expect(await secrets.gitToken(project.id, other)).toBeNull();
		const near = "https://git.example.com/acme/moved";
		expect((await start(ada, { url: near }, "shop")).source.private).toBe(true);
		expect((await secrets.gitToken(project.id, near))?.reveal()).toBe("ghp_TESTSECRET");
		const far = "https://git.example.org/acme/shop";
		expect((await start(ada, { url: far }, "shop")).source.private).toBe(false);
		expect(await secrets.gitToken(project.id, far)).toBeNull();
		await adopt(await start(ada, { url: far }, "shop"));
		expect((await start(ada, {}, "shop")).source.private).toBe(false);
	});

	it.each(["www", "api"])("is not called %s", async (slug) => {
		await expect(start(ada, {}, slug)).rejects.toMatchObject({ code: "name_taken" });
		expect((await start(ada, { url: `https://git.example.com/acme/${slug}` })).project.slug).toBe(`${slug}-2`);
	});

	it("has a slug that is a label of a host name, whatever the repository is called", async () => {
		const names = ["Ünïcödé", "---", "日本", "a".repeat(90), "x.y_z", `${"ab-".repeat(30)}`];
		for (const name of names) {
			const { project } = await start(ada, { url: `https://git.example.com/acme/${encodeURIComponent(name)}` });
			expect(project.slug).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
		}
	});

	it("is refused for an address git must not be given", async () => {
		await expect(start(ada, { url: "file:///etc/passwd" })).rejects.toMatchObject({ code: "invalid_url" });
	});

	it("has a slug of its own when many begin at the same moment", async () => {
		const owners = Array.from({ length: 24 }, () => ulid());
		const made = await Promise.all(owners.map((owner) => start(owner)));
		expect(new Set(made.map(({ project }) => project.slug)).size).toBe(24);
		expect(new Set(made.map(({ project }) => project.id)).size).toBe(24);
	});

	it("is one when one person begins the same source several times at the same moment", async () => {
		const made = await Promise.all(Array.from({ length: 6 }, () => start(ada)));
		expect(new Set(made.map(({ project }) => project.id)).size).toBe(1);
		expect(made.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6]);
	});

	it("that was deleted is not used again", async () => {
		const { project } = await start(ada);
		await database.db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", project.id).execute();
		expect((await start(ada)).project.slug).toBe("web-shop-2");
		await expect(database.db.transaction().execute((trx) => starts.next({ trx }, project.id))).rejects.toMatchObject({ code: "not_found" });
	});
});

describe("the access token of a source", () => {
	it("is kept, encrypted, until another is given", async () => {
		const { project, source } = await start(ada, { token: "ghp_TESTSECRET" });
		expect(source.private).toBe(true);
		const row = await database.db.selectFrom("projects").selectAll().where("id", "=", project.id).executeTakeFirstOrThrow();
		expect(Buffer.from(row.git_token ?? []).includes("ghp_TESTSECRET")).toBe(false);
		expect(JSON.stringify({ ...row, git_token: null })).not.toContain("ghp_TESTSECRET");
		expect((await start(ada)).source.private).toBe(true);
		expect((await secrets.gitToken(project.id, url))?.reveal()).toBe("ghp_TESTSECRET");
		await start(ada, { token: "ghp_OTHER" });
		expect((await secrets.gitToken(project.id, url))?.reveal()).toBe("ghp_OTHER");
		await secrets.setGitToken(project.id, null);
		expect(await secrets.gitToken(project.id, url)).toBeNull();
	});
});
