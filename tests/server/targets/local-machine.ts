import { chmod, copyFile, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Kysely } from "kysely";
import { ulid } from "ulid";
import { type Plan, planSchema, type Reporter, succeeded } from "#lib/protocol/index.ts";
import type { Schema } from "#server/db/schema.ts";
import { createEdge, type Edge } from "#server/edge/edge.ts";
import { openSandbox } from "#server/exec/open-sandbox.ts";
import type { ReleaseChange } from "#server/projects/release-events.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { type LocalTarget, openLocalTarget } from "#server/targets/local/local-target.ts";
import type { LocalTiming } from "#server/targets/local/options.ts";
import type { ReleaseSpec } from "#server/targets/target.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";

const quiet = { info() {}, warn() {}, error() {} };
const encryption = createEncryption(new Secret("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
export const nodeId = "test-node";

/** Short waits, so that a failure shows in a second and not in a minute. */
export const quick: LocalTiming = {
	answerWithinMs: 3_000,
	stableMs: 300,
	pauseMs: 50,
	requestMs: 2_000,
	elsewhereMs: 3_000,
	goodAnswers: 3,
	drainMs: 200,
	answersMs: 5_000,
	again: { stableMs: 50, goodAnswers: 2, pauseMs: 10 },
	wakeMs: 5_000,
	minuteMs: 100,
	restarts: { firstDelayMs: 50, maxDelayMs: 200, maxRestarts: 2, stableMs: 60_000 },
};

/** The local target and the edge as a platform wires them. */
export interface Platform {
	target: LocalTarget;
	edge: Edge;
	port: number;
	changes: ReleaseChange[];
	/** Resolves once this status of a release was told. */
	told(releaseId: string, status: ReleaseChange["status"]): Promise<ReleaseChange>;
	close(): Promise<void>;
}

/** A platform with a database and a home of its own, for the tests of one file. */
export interface Machine {
	database: TestDatabase;
	home: string;
	platform: Platform;
	/** Removes every release with its app, and all that was made. */
	stop(): Promise<void>;
}

export async function startMachine(timing: Partial<LocalTiming> = {}): Promise<Machine> {
	const database = await startTestDatabase();
	const home = await makeHome();
	const platform = await startPlatform(home, database.db, timing);
	return {
		database,
		home,
		platform,
		async stop() {
			for (const { id } of await database.db.selectFrom("releases").select("id").execute()) await platform.target.remove(id);
			await platform.close();
			await database.stop();
			await removeHome(home);
		},
	};
}

export async function startPlatform(
	home: string,
	db: Kysely<Schema>,
	timing: Partial<LocalTiming> = {},
	isolation: "bubblewrap" | "none" = "bubblewrap",
): Promise<Platform> {
	const sandbox = await openSandbox({ home, isolation, nodePath: process.execPath, extraCaFile: null, log: quiet });
	if (sandbox.problem) throw new Error(sandbox.problem);
	const changes: ReleaseChange[] = [];
	const listeners = new Set<(change: ReleaseChange) => void>();
	const target = await openLocalTarget({
		home,
		nodeId,
		db,
		encryption,
		host: sandbox.host,
		egress: { allowPrivate: false, allowPrivateHosts: [] },
		toolchain: async () =>
			succeeded({
				mounts: [{ host: await nodeIn(home), inside: "/quayside/toolchain", writable: false }],
				path: "/quayside/toolchain/bin:/usr/bin:/bin",
				environment: () => ({}),
			}),
		previewUrl: (slug) => `http://${slug}.localhost:3000`,
		nodePath: process.execPath,
		onChange(change) {
			changes.push(change);
			for (const listener of listeners) listener(change);
		},
		log: quiet,
		timing: { ...quick, ...timing },
	});
	const edge = createEdge({ previewDomain: "localhost", route: target.route, cookiePrefixes: ["quayside"], log: quiet });
	const server = createServer(edge.request);
	server.on("upgrade", edge.upgrade);
	const port = await listen(server);
	return {
		target,
		edge,
		port,
		changes,
		told: (releaseId, status) =>
			new Promise((resolve) => {
				const listener = (change: ReleaseChange): void => {
					if (change.releaseId !== releaseId || change.status !== status) return;
					listeners.delete(listener);
					resolve(change);
				};
				listeners.add(listener);
				for (const change of changes) listener(change);
			}),
		async close() {
			target.close();
			await edge.close();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** A folder with this Node below the home, where the sandbox user can reach it wherever this one lies. */
async function nodeIn(home: string): Promise<string> {
	const folder = join(home, "node");
	const program = join(folder, "bin", "node");
	await mkdir(dirname(program), { recursive: true });
	await link(process.execPath, program).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "EEXIST") return copyFile(process.execPath, program);
	});
	return folder;
}

export function listen(server: Server): Promise<number> {
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

/** A folder of this test's own that the sandbox user may pass through. */
export async function makeHome(): Promise<string> {
	const home = await mkdtemp(join(tmpdir(), "qs-"));
	await chmod(home, 0o711);
	return home;
}

export const removeHome = (home: string): Promise<void> => rm(home, { recursive: true, force: true });

/** A project with a deployment that is running. */
export async function addProject(db: Kysely<Schema>, slug: string): Promise<{ id: string; slug: string }> {
	const id = ulid();
	const source = JSON.stringify({ type: "git", url: "https://example.com/a.git", ref: null, directory: null, private: false });
	await db
		.insertInto("projects")
		.values({
			id,
			owner_id: "owner",
			slug,
			name: slug,
			source,
			target: "local",
			settings: "{}",
			git_token: null,
			active_release: null,
			created_at: new Date(),
			deleted_at: null,
		})
		.execute();
	return { id, slug };
}

let deployments = 0;

/** A build result on the disk, and what a deployment says of it. */
export async function buildOf(
	db: Kysely<Schema>,
	home: string,
	project: { id: string; slug: string },
	files: Record<string, string>,
	plan: Partial<Plan> = {},
	env: Record<string, string> = {},
): Promise<ReleaseSpec> {
	const id = ulid();
	deployments += 1;
	await db
		.insertInto("deployments")
		.values({
			id,
			project_id: project.id,
			owner_id: "owner",
			number: deployments,
			status: "running",
			state: "{}",
			text: "",
			created_at: new Date(),
			finished_at: null,
		})
		.execute();
	const whole = planOf(plan);
	const buildDir = join(home, "builds", id);
	for (const [name, text] of Object.entries(files)) {
		const path = join(buildDir, whole.kind === "static" ? "site" : "app", name);
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, text);
	}
	return {
		id,
		projectId: project.id,
		projectSlug: project.slug,
		deploymentId: id,
		commit: "c0ffee",
		plan: whole,
		buildDir,
		env,
		key: null,
	};
}

function planOf(changes: Partial<Plan>): Plan {
	const isStatic = (changes.kind ?? "process") === "static";
	return planSchema.parse({
		provider: isStatic ? "static" : "node",
		framework: isStatic ? "Static site" : "Node",
		summary: "",
		kind: "process",
		directory: "",
		nodeVersion: "24",
		packageManager: null,
		install: null,
		build: null,
		test: null,
		start: isStatic ? null : ["node", "server.mjs"],
		output: isStatic ? "." : null,
		spaFallback: false,
		healthPath: "/",
		confidence: 1,
		evidence: [],
		warnings: [],
		dockerfile: null,
		...changes,
	});
}

export interface Told extends Reporter {
	said: string[];
}

export function listener(): Told {
	const said: string[] = [];
	return { said, progress: (text) => said.push(text), awaiting() {}, output: (chunk) => void said.push(String(chunk)) };
}

export interface Answer {
	status: number;
	headers: IncomingHttpHeaders;
	body: string;
}

/** Asks the edge as a visitor of a project. */
export function visit(
	port: number,
	host: string,
	path = "/",
	options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const asked = httpRequest(
			{
				port,
				host: "127.0.0.1",
				path,
				method: options.method ?? "GET",
				agent: false,
				headers: { host, accept: "text/html", ...options.headers },
			},
			async (response) => {
				const chunks: Buffer[] = [];
				try {
					for await (const chunk of response) chunks.push(chunk as Buffer);
					resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
				} catch (error) {
					reject(error);
				}
			},
		);
		asked.on("error", reject);
		asked.end(options.body);
	});
}

/** Stores a release and starts it, as a deployment does in its last two stages. */
export async function prepareAndStart(target: LocalTarget, release: ReleaseSpec, reporter: Reporter, signal: AbortSignal) {
	const prepared = await target.prepare(release, reporter, signal);
	if (!prepared.ok) return prepared;
	const started = await target.start(release.id, reporter, signal);
	return started.ok ? prepared : started;
}

/** Puts a release where visitors are sent to it, and fails the test when it cannot be. */
export async function deploy(target: LocalTarget, release: ReleaseSpec): Promise<void> {
	const signal = AbortSignal.timeout(15_000);
	const prepared = await prepareAndStart(target, release, listener(), signal);
	if (!prepared.ok) throw new Error(JSON.stringify(prepared.failure));
	const checked = await target.check(release.id, listener(), signal);
	if (!checked.ok) throw new Error(JSON.stringify(checked.failure));
	await target.activate(release.id);
}
