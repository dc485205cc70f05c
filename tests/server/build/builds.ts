import { randomUUID } from "node:crypto";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { type Plan, planSchema, type Reporter } from "#lib/protocol/index.ts";
import { build } from "#server/build/build.ts";
import type { BuildRequest } from "#server/build/build-request.ts";
import { openBuildCaches } from "#server/build/caches/project-cache.ts";
import { runTests } from "#server/build/test-run.ts";
import { openToolchains, type Toolchains } from "#server/build/toolchains.ts";
import { detectPlans } from "#server/plan/detect.ts";
import { createRedactor } from "#server/secrets/redact.ts";
import { openWorkspace } from "#server/source/workspace.ts";
import { fixtureDir } from "#tests/support/git-server.ts";
import { type Heard, listen, openScratch, type Scratch } from "#tests/support/scratch.ts";

/** Builds for tests: real sandbox, real toolchains, a folder of its own for each. */
export interface Builds extends Scratch {
	toolchains: Toolchains;
	/** Builds a fixture by the plan that is detected for it. */
	fixture(name: string, changes?: BuildChanges): Promise<Built>;
	/** Builds these files by this plan; `sourceDir` may hold more of them. */
	files(files: Readonly<Record<string, string>>, plan: Partial<Plan>, changes?: BuildChanges, sourceDir?: string): Promise<Built>;
	test(
		built: Built,
		changes?: { memoryMb?: number; timeoutMs?: number },
	): Promise<{ outcome: Awaited<ReturnType<typeof runTests>>; heard: Heard }>;
}

export type BuildChanges = Partial<BuildRequest> & {
	/** Called with what the commands print. */
	onOutput?: (text: string) => void;
};

export interface Built {
	outcome: Awaited<ReturnType<typeof build>>;
	plan: Plan;
	heard: Heard;
	phases: [string, string | null][];
	sourceDir: string;
	outDir: string;
}

export async function openBuilds(secrets: readonly string[] = []): Promise<Builds> {
	const openRedactor = () => createRedactor(secrets);
	const scratch = await openScratch();
	const toolchains = openToolchains({
		home: join(scratch.dir, "home"),
		nodePath: process.execPath,
		nodeVersion: process.versions.node,
		npmExecPath: null,
		path: process.env.PATH ?? "",
		registryHosts: ["registry.npmjs.org"],
	});
	await toolchains.warm();
	const caches = openBuildCaches(join(scratch.dir, "caches"));

	async function run(sourceDir: string, plan: Plan, { onOutput, ...changes }: BuildChanges = {}): Promise<Built> {
		const results = join(scratch.dir, `results-${randomUUID()}`);
		await mkdir(results);
		const outDir = join(results, "out");
		const heard = listen();
		const reporter: Reporter = {
			progress: (text, percent) => heard.progress(text, percent),
			awaiting: (text) => heard.awaiting(text),
			output(chunk, from) {
				heard.output(chunk, from);
				onOutput?.(String(chunk));
			},
		};
		const phases: [string, string | null][] = [];
		const mark = randomUUID();
		const outcome = await build(
			{
				plan,
				sourceDir,
				outDir,
				mark,
				env: {},
				memoryMb: 1024,
				timeoutMs: 240_000,
				signal: new AbortController().signal,
				cacheDir: join(scratch.dir, "caches/project"),
				envFingerprint: "",
				fresh: false,
				registryHosts: ["registry.npmjs.org"],
				...changes,
			},
			{ sandbox: scratch.sandbox, toolchains, caches, reporter, openRedactor, phase: (phase, command) => phases.push([phase, command]) },
		);
		await caches.settled();
		// A result appears whole, a failure leaves nothing; no process outlives either.
		const left = (await readdir(results)).filter((name) => !name.endsWith(".discarded.partial"));
		expect(left).toEqual(outcome.ok ? ["out"] : []);
		expect(await scratch.sandbox.endMarked(mark)).toMatchObject({ stopped: 0, left: [] });
		return { outcome, plan, heard, phases, sourceDir, outDir };
	}

	return {
		...scratch,
		toolchains,
		async fixture(name, changes) {
			const sourceDir = join(scratch.dir, `source-${randomUUID()}`);
			await cp(fixtureDir(name), sourceDir, { recursive: true });
			const [plan] = await detectPlans(await openWorkspace(sourceDir, null));
			if (!plan) throw new Error(`no plan for ${name}`);
			return run(sourceDir, plan, changes);
		},
		async files(files, plan, changes, sourceDir = join(scratch.dir, `source-${randomUUID()}`)) {
			for (const [path, text] of Object.entries(files)) {
				await mkdir(dirname(join(sourceDir, path)), { recursive: true });
				await writeFile(join(sourceDir, path), text);
			}
			return run(sourceDir, { ...emptyPlan, ...plan }, changes);
		},
		async test({ plan, outDir, sourceDir }, changes) {
			const heard = listen();
			const request = {
				plan,
				buildDir: outDir,
				sourceDir,
				mark: randomUUID(),
				env: {},
				memoryMb: 1024,
				timeoutMs: 120_000,
				signal: new AbortController().signal,
				...changes,
			};
			return { outcome: await runTests(request, { sandbox: scratch.sandbox, toolchains, reporter: heard, openRedactor }), heard };
		},
	};
}

const emptyPlan: Plan = planSchema.parse({
	provider: "node",
	framework: "Test",
	summary: "A plan of a test",
	kind: "static",
	directory: "",
	nodeVersion: String(process.versions.node.split(".")[0]),
	packageManager: "npm",
	install: null,
	build: null,
	test: null,
	start: null,
	output: "dist",
	spaFallback: false,
	healthPath: "/",
	confidence: 1,
	evidence: [],
	warnings: [],
	dockerfile: null,
});
