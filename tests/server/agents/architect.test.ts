import { describe, expect, test } from "vitest";
import { emptyState } from "#lib/deployment/state.ts";
import type { EventDraft, EventDraftOf, PlanOverrides } from "#lib/protocol/index.ts";
import type { Work } from "#server/agents/agent.ts";
import { createArchitect } from "#server/agents/architect.ts";
import { createDeveloper } from "#server/agents/developer.ts";
import { fixtureDir } from "#tests/support/git-server.ts";
import { listen } from "#tests/support/scratch.ts";

const architect = createArchitect({ allowPrivateGit: false, limits: { maxMb: 1, maxFiles: 1 } });

interface Situation {
	directory?: string;
	planOverrides?: PlanOverrides;
	environment?: Partial<Record<"build" | "runtime", Record<string, string>>>;
}

/** Plans a fixture that is already cloned; answers everything that is said and kept. */
async function plan(fixture: string, { directory, planOverrides = {}, environment = {} }: Situation = {}) {
	const reporter = listen();
	const events: EventDraft[] = [];
	const artifacts = new Map<string, string>();
	const state = emptyState("d");
	for (const stage of state.stages) if (stage.stage === "clone") stage.output = { source: "s", commit: "c" };
	state.source = { type: "git", url: "https://git.example/x.git", ref: null, directory: directory ?? null, private: false };
	const work: Partial<Work> = {
		state,
		attemptId: "a",
		signal: AbortSignal.timeout(10_000),
		reporter,
		planOverrides,
		sourceDir: () => fixtureDir(fixture),
		environment: async (scope) => environment[scope] ?? {},
		record: async (event) => void events.push(event),
		say: (event) => void events.push(event),
		keepArtifact: async (name, _type, text) => void artifacts.set(name, text),
	};
	const outcome = await architect.perform("plan", work as Work);
	const generated = events.find((event): event is EventDraftOf<"plan_generated"> => event.type === "plan_generated");
	return { outcome, events, artifacts, log: reporter.log, said: events.map(({ content }) => content), generated };
}

describe("what the Architect says names the project's own things (R14)", () => {
	test.each([
		["express", ["Analyzing npm dependencies…", "Detected Express application…"]],
		["next", ["Analyzing npm dependencies…", "Detected Next.js application…"]],
		["fastify-pnpm", ["Analyzing pnpm dependencies…", "Detected Fastify application…"]],
		["vite-vue", ["Analyzing npm dependencies…", "Detected Vite + Vue site…"]],
		["static", ["Detected a static site…"]],
		["flask", ["Analyzing Python dependencies…", "Detected Flask application…"]],
		["python-stdlib", ["Analyzing Python dependencies…", "Detected Python application…"]],
		["dockerfile-only", ["Analyzing the Dockerfile…"]],
	])("%s: %j", async (fixture, sentences) => {
		const { said, generated } = await plan(fixture);
		expect(said).toEqual([...sentences, generated?.metadata.plan.summary]);
	});

	test("the Developer names the framework", async () => {
		const { generated } = await plan("next");
		const state = { ...emptyState("d"), plan: generated?.metadata.plan ?? null };
		expect(createDeveloper({ mostMemoryMb: 4096 }).opening("write", state)).toBe("Generating optimized Dockerfile for Next.js…");
	});
});

test("evidence, other plans and warnings are in the log, the plan is an artifact", async () => {
	const { log, artifacts, generated, outcome } = await plan("two-candidates");
	expect(outcome).toMatchObject({ ok: true });
	expect(log).toContain("package.json:9 Starts with node server.js\n");
	expect(log).toContain("Also possible: Detected a static site, no build, public/index.html\n");
	expect(log).toContain("warning: There is a Dockerfile.");
	expect(generated?.metadata.alternatives?.map(({ provider }) => provider)).toEqual(["static", "dockerfile"]);
	expect(JSON.parse(artifacts.get("plan.json") ?? "")).toEqual(generated?.metadata.plan);
});

test("the settings' choice of a plan is carried out, and told", async () => {
	const { generated, log } = await plan("two-candidates", { planOverrides: { provider: "static" } });
	expect(generated?.metadata.plan).toMatchObject({ provider: "static", output: "public" });
	expect(log).toContain("The project's settings set the plan: static\n");
	expect(generated?.metadata.alternatives?.map(({ provider }) => provider)).toEqual(["node", "dockerfile"]);
});

test("variables the repository asks for and nobody has set are named", async () => {
	const warning = async (environment: Situation["environment"]) =>
		(await plan("next", { environment })).generated?.metadata.plan.warnings.join();
	expect(await warning({})).toContain("needs HARBOUR, TIDE_API_KEY, which are not set");
	expect(await warning({ runtime: { TIDE_API_KEY: "x" } })).toContain("needs HARBOUR, which is not set");
	expect(await warning({ runtime: { TIDE_API_KEY: "x" }, build: { HARBOUR: "x" } })).toBe("");
});

test("a repository with nothing but a Dockerfile is told what it needs", async () => {
	const { outcome, generated } = await plan("dockerfile-only");
	expect(generated?.metadata.plan.kind).toBe("image");
	expect(outcome).toMatchObject({
		ok: false,
		failure: {
			code: "target_unsupported",
			message: expect.stringContaining("needs a target that runs containers"),
			action: expect.stringContaining("quayside.json"),
		},
	});
});

test("a setting that cannot be used fails the stage, with nothing planned", async () => {
	const { outcome, generated } = await plan("express", { planOverrides: { provider: "rust" } });
	expect(outcome).toMatchObject({ ok: false, failure: { code: "config_invalid" } });
	expect(generated).toBeUndefined();
});
