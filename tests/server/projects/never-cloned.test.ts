import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { emptyState } from "#lib/deployment/state.ts";
import type { ErrorCode } from "#lib/errors.ts";
import type { Principal } from "#lib/services.ts";
import { createDeployKeys } from "#server/projects/deploy-keys.ts";
import { forgetNeverCloned } from "#server/projects/never-cloned.ts";
import { createProjectSecrets } from "#server/projects/project-secrets.ts";
import { createProjectService } from "#server/projects/project-service.ts";
import { createProjectStarts } from "#server/projects/project-starts.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { person, tableTarget } from "./fixtures.ts";

let database: TestDatabase;
let ada: Principal;
beforeAll(async () => {
	database = await startTestDatabase();
}, 60_000);
afterAll(() => database.stop());
beforeEach(() => {
	ada = person();
});

function services() {
	const encryption = createEncryption(new Secret("a secret"));
	const secrets = createProjectSecrets(database.db, encryption);
	return {
		starts: createProjectStarts(secrets, createDeployKeys(database.db, encryption)),
		projects: createProjectService({
			db: database.db,
			streams: database.streams,
			secrets,
			target: tableTarget(database),
			removeProject: () => {},
			publicUrlFor: (slug) => `http://${slug}.localhost`,
		}),
	};
}

/** Submits an address, and its deployment ends like this: null for success. */
async function submit(url: string, error: ErrorCode | null, daysAgo = 0): Promise<{ id: string; slug: string }> {
	const { project, number } = await database.db
		.transaction()
		.execute((trx) => services().starts.forSource({ trx }, ada.user.id, { source: { type: "git", url } }));
	const status = error ? "failed" : "succeeded";
	const state = { ...emptyState(ulid()), status, error: error && { code: error, message: `It is ${error}.` } };
	await database.db
		.insertInto("deployments")
		.values({
			id: state.id,
			project_id: project.id,
			owner_id: ada.user.id,
			number,
			status,
			state: JSON.stringify(state),
			text: "",
			created_at: new Date(Date.now() - daysAgo * 86_400_000),
			finished_at: new Date(),
		})
		.execute();
	return project;
}

const listed = async () => (await services().projects.list(ada)).map(({ slug }) => slug);

it("a mistyped address leaves no project behind, and who corrects it goes on with the name they wanted", async () => {
	const name = `shop-${ulid().toLowerCase()}`;
	const wrong = await submit(`https://githbu.example/acme/${name}.git`, "repository_unreachable");
	expect(await listed()).toEqual([]);
	const right = await submit(`https://github.example/acme/${name}.git`, null);
	expect(right).toEqual(wrong);
	expect(await listed()).toEqual([right.slug]);
});

it("a project that failed otherwise, or for which something was set up, stays what it is", async () => {
	const broken = await submit(`https://git.example/acme/broken-${ulid().toLowerCase()}.git`, "build_failed");
	const set = await submit(`https://git.example/acme/set-${ulid().toLowerCase()}.git`, "repository_not_found");
	await services().projects.setEnv(ada, set.slug, { name: "A", value: "b", secret: false, scope: "both" });
	expect((await listed()).sort()).toEqual([broken.slug, set.slug].sort());
	const other = await submit(`https://other.example/acme/${broken.slug}.git`, null);
	expect(other.id).not.toBe(broken.id);
});

it("is forgotten after a day", async () => {
	const old = await submit(`https://git.example/acme/old-${ulid().toLowerCase()}.git`, "repository_not_found", 2);
	const young = await submit(`https://git.example/acme/young-${ulid().toLowerCase()}.git`, "repository_not_found");
	const removed: string[] = [];
	await forgetNeverCloned(database.db, (id) => void removed.push(id));
	expect(removed).toContain(old.id);
	expect(removed).not.toContain(young.id);
});

it("a project tells how its newest deployment failed, until one succeeds", async () => {
	const url = `https://git.example/acme/tells-${ulid().toLowerCase()}.git`;
	const { slug } = await submit(url, "build_failed");
	expect(await services().projects.get(ada, slug)).toMatchObject({ failure: { message: "It is build_failed." } });
	expect(await services().projects.list(ada)).toMatchObject([{ slug, failure: { message: "It is build_failed." } }]);
	await submit(url, null);
	expect(await services().projects.get(ada, slug)).toMatchObject({ failure: null });
});
