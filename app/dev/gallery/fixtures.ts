import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { Activity, AgentStatus, DeploymentRow, DeploymentStatus, LogLine, Plan, Stage, StageStatus } from "#lib/protocol/index.ts";
import { planSchema, stages } from "#lib/protocol/index.ts";

/** Invented deployments in each state, for looking at components in development. */

const startMs = Date.parse("2026-11-21T09:00:00.000Z");
const at = (secondsIn: number) => new Date(startMs + secondsIn * 1000).toISOString();

const facts: Record<Stage, { text: string; durationMs: number }> = {
	clone: { text: "Cloned web-shop, 214 files, 3.1 MB, 1.8 s", durationMs: 1800 },
	analyze: { text: "Read 214 files: TypeScript 71 %, CSS 18 %, no secrets found", durationMs: 620 },
	plan: { text: "Detected Vite + React, npm, output dist", durationMs: 240 },
	write: { text: "Wrote a Dockerfile of 14 lines", durationMs: 90 },
	build: { text: "Built dist, 42 files, 1.2 MB", durationMs: 18_400 },
	test: { text: "38 tests passed", durationMs: 4_200 },
	deploy: { text: "Release 12 is served", durationMs: 800 },
	verify: { text: "Answered 200 three times in a row, 12 ms", durationMs: 3_100 },
};

export const plan: Plan = planSchema.parse({
	provider: "node",
	framework: "Vite + React",
	summary: "Detected Vite + React, npm, output dist",
	kind: "static",
	directory: "",
	nodeVersion: "24",
	packageManager: "npm",
	install: ["npm", "ci"],
	build: ["npm", "run", "build"],
	test: ["npm", "test"],
	start: null,
	output: "dist",
	spaFallback: true,
	healthPath: "/",
	confidence: 0.95,
	evidence: [
		{ file: "package.json", line: 21, means: "depends on vite 7" },
		{ file: "vite.config.ts", line: null, means: "a Vite project; its output folder is dist" },
	],
	warnings: ["There is no lockfile: versions may differ from one build to the next."],
	dockerfile:
		"FROM node:24-slim AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n\nFROM caddy:2\nCOPY --from=build /app/dist /usr/share/caddy\n",
});

interface Script {
	status: DeploymentStatus;
	/** Stages that are done. */
	done: number;
	current?: { status: StageStatus; text: string; agent: AgentStatus };
}

function make(id: string, number: number, { status, done, current }: Script): DeploymentState {
	const state = emptyState(id);
	let clock = 2;
	const all = state.stages.map((stage, index) => {
		if (index < done) {
			const { text, durationMs } = facts[stage.stage];
			const startedAt = at(clock);
			clock += durationMs / 1000;
			return { ...stage, status: "succeeded" as const, text, durationMs, startedAt, finishedAt: at(clock), attempts: 1 };
		}
		if (index === done && current) return { ...stage, status: current.status, text: current.text, startedAt: at(clock), attempts: 1 };
		return stage;
	});
	const agents = state.agents.map((agent) => {
		const own = all.filter((stage) => stage.agent === agent.name);
		const busy = own.find(({ stage }) => stage === stages[done]);
		if (busy && current)
			return {
				...agent,
				status: current.agent,
				task: current.text,
				progress: current.agent === "failed" ? 61 : 42,
				startedAt: busy.startedAt,
			};
		if (own.every((stage) => stage.status === "succeeded")) {
			return {
				...agent,
				status: "done" as const,
				task: own.at(-1)?.text ?? "",
				response: own.at(-1)?.text ?? "",
				progress: 100,
				startedAt: own[0]?.startedAt ?? null,
				finishedAt: own.at(-1)?.finishedAt ?? null,
			};
		}
		return agent;
	});
	const ended = status === "succeeded" || status === "failed" || status === "cancelled";
	return {
		...state,
		project: { id: "p1", slug: "web-shop", name: "web-shop" },
		number,
		source: { type: "git", url: "https://github.com/acme/web-shop.git", ref: "main", directory: null, private: false },
		correlationId: "01JD7Z8Q4M2V9K3T5X6Y7W8R9A",
		status,
		stage: done >= stages.length ? "verify" : current ? (stages[done] ?? null) : null,
		stages: all,
		agents,
		progress: status === "succeeded" ? 100 : Math.round((done / 8) * 100),
		plan: done > 2 ? plan : null,
		tasks:
			done > 2
				? [
						{ id: "t1", name: "Install the dependencies", status: "done", durationMs: 8300 },
						{ id: "t2", name: "Build with vite", status: "running", durationMs: null },
					]
				: [],
		artifacts:
			done > 3
				? [
						{ name: "Dockerfile", mediaType: "text/plain; charset=utf-8", size: 412, sha256: "ab" },
						{ name: "plan.json", mediaType: "application/json", size: 1830, sha256: "cd" },
					]
				: [],
		previewUrl: status === "succeeded" ? "http://web-shop.localhost:3000/" : null,
		queuedAt: at(0),
		startedAt: status === "queued" ? null : at(2),
		finishedAt: ended ? at(clock + 3) : null,
		logLines: 400,
		lastSeq: 40,
	};
}

export const states: Record<string, DeploymentState> = {
	queued: make("01JD7Z8Q4M2V9K3T5X6Y7W8R90", 12, { status: "queued", done: 0 }),
	running: make("01JD7Z8Q4M2V9K3T5X6Y7W8R91", 12, {
		status: "running",
		done: 4,
		current: { status: "running", text: "Installing the dependencies with npm ci", agent: "working" },
	}),
	succeeded: make("01JD7Z8Q4M2V9K3T5X6Y7W8R92", 12, { status: "succeeded", done: 8 }),
	failed: {
		...make("01JD7Z8Q4M2V9K3T5X6Y7W8R93", 12, {
			status: "failed",
			done: 4,
			current: { status: "failed", text: "The build command failed.", agent: "failed" },
		}),
		error: {
			code: "build_failed",
			message: "The build command failed: src/cart.tsx uses a name that does not exist.",
			action: "Read the marked lines, fix the cause and retry.",
			reference: "01JD7ZBK1N",
			command: "npm run build",
			exit_code: 2,
			cause: "typescript_error",
			lines: [
				"> web-shop@1.4.0 build",
				"> tsc -b && vite build",
				"",
				"\u001b[96msrc/cart.tsx\u001b[0m:\u001b[93m31\u001b[0m:\u001b[93m18\u001b[0m - \u001b[91merror\u001b[0m TS2304: Cannot find name 'totl'.",
				"",
				"31   return <b>{totl.toFixed(2)} €</b>;",
				"                    ~~~~",
				"",
				"Found 1 error in src/cart.tsx:31",
			],
			first_line: 214,
			decisive: 3,
		},
	},
	cancelled: {
		...make("01JD7Z8Q4M2V9K3T5X6Y7W8R94", 12, {
			status: "cancelled",
			done: 4,
			current: { status: "cancelled", text: "Cancelled", agent: "skipped" },
		}),
		stoppedProcesses: 3,
	},
};

export const activity: Activity = {
	deployment_id: "01JD7Z8Q4M2V9K3T5X6Y7W8R91",
	stage: "build",
	agent_name: "Tester",
	awaiting: "npm to install the dependencies",
	since: at(3),
	last_output_at: at(12),
	ahead: null,
	at: at(15),
};

const words = [
	"npm \u001b[33mwarn\u001b[39m deprecated inflight@1.0.6: use lru-cache",
	"\u001b[32m✓\u001b[39m 214 modules transformed.",
	"dist/assets/index-\u001b[2mB8x1\u001b[22m.js \u001b[1m142.03 kB\u001b[22m │ gzip: 45.71 kB",
	"Receiving objects:  10%\rReceiving objects:  64%\rReceiving objects: 100% (214/214), 3.1 MB, done.",
	"\u001b[31merror\u001b[39m TS2304: Cannot find name 'totl'.",
	"a plain line that is rather long, so that one can see how it is wrapped when the pane is narrower than the text that was printed into it by the build tool, which happens often",
];

export const logLines: (LogLine & { stage: Stage })[] = Array.from({ length: 400 }, (_, index) => ({
	n: index + 1,
	at: at(index / 20),
	from: index % 40 === 0 ? "quayside" : "stdout",
	text: index % 40 === 0 ? "$ npm ci" : (words[index % words.length] ?? ""),
	stage: index < 60 ? "clone" : index < 90 ? "analyze" : "build",
}));

export const rows: DeploymentRow[] = (["running", "queued", "succeeded", "failed", "cancelled"] as const).map((status, index) => {
	const state = states[status] as DeploymentState;
	return {
		id: state.id,
		project: state.project,
		number: 12 - index,
		status,
		stage: state.stage,
		progress: state.progress,
		text: status === "queued" ? "Waiting in the queue" : (state.stages.find(({ stage }) => stage === state.stage)?.text ?? ""),
		sourceUrl: "https://github.com/acme/web-shop.git",
		ref: "main",
		commit: "8f3c2b1e9d",
		previewUrl: state.previewUrl,
		errorMessage: state.error?.message ?? null,
		queuedAt: state.queuedAt,
		startedAt: state.startedAt,
		finishedAt: state.finishedAt,
		ahead: status === "queued" ? 2 : null,
		agentStatuses: state.agents.map((agent) => agent.status),
	};
});
