import {
	type DeployKeyView,
	type EnvView,
	type Plan,
	type PlanChoice,
	type ProjectSettings,
	type ProjectView,
	planSchema,
	type ReleaseView,
} from "#lib/protocol/index.ts";
import { plan as sitePlan } from "./fixtures.ts";

/** An invented project in each state, for looking at components in development. */

export const project: ProjectView = {
	id: "01JD7Z8Q4M2V9K3T5X6Y7W8R80",
	slug: "web-shop",
	name: "web-shop",
	source: { type: "git", url: "git@github.com:acme/web-shop.git", ref: "main", directory: "apps/shop", private: true },
	target: "local",
	previewUrl: "http://web-shop.localhost:3000/",
	releaseStatus: "live",
	asleep: false,
	failure: null,
	createdAt: "2026-11-20T09:00:00.000Z",
};

const release: ReleaseView = {
	id: "01JD7Z8Q4M2V9K3T5X6Y7W8R70",
	deploymentId: "01JD7Z8Q4M2V9K3T5X6Y7W8R92",
	deploymentNumber: 12,
	status: "live",
	kind: "process",
	active: true,
	asleep: false,
	crash: null,
	framework: "Express",
	commit: "8f3c2b1e9d",
	sizeBytes: 48_200_000,
	repairs: 0,
	createdAt: "2026-11-21T09:00:40.000Z",
};
const older: ReleaseView = { ...release, id: `${release.id.slice(0, -1)}1`, deploymentNumber: 11, active: false, status: "stopped" };
const crash = {
	message: "The app ended with exit code 7. That happened too often: it is not started again.",
	exitCode: 7,
	lines: ["listening on 8080", "\u001b[31mError\u001b[0m: the harbour is closed", "    at open (server.js:12:9)"],
};

export const releases: Record<string, ReleaseView[]> = {
	live: [release, older],
	crashed: [{ ...release, status: "crashed", crash }, older],
	asleep: [{ ...release, status: "stopped", asleep: true }, older],
	stopped: [
		{ ...release, status: "stopped" },
		{ ...older, status: "crashed" },
	],
	lost: [{ ...release, status: "lost" }],
	none: [],
};

export const env: EnvView[] = [
	{ name: "API_BASE", value: "https://api.example.com", secret: false, scope: "build", updatedAt: release.createdAt },
	{ name: "STRIPE_SECRET_KEY", value: null, secret: true, scope: "runtime", updatedAt: release.createdAt },
];

export const serverPlan: Plan = planSchema.parse({
	...sitePlan,
	framework: "Express",
	summary: "Detected Express, npm, starts with node server.js",
	kind: "process",
	output: null,
	spaFallback: false,
	start: ["node", "server.js"],
	confidence: 0.8,
	language: "JavaScript",
	tools: [
		{ name: "node", version: "24" },
		{ name: "npm", version: null },
	],
	expects: ["API_BASE", "SESSION_SECRET", "SMTP_URL"],
	env: { NODE_ENV: "production" },
	evidence: [{ file: "Procfile", line: 1, means: "Starts with node server.js" }],
});

export const alternatives: PlanChoice[] = [
	{
		provider: "static",
		framework: "Static site",
		summary: "Detected a static site, no build, index.html",
		kind: "static",
		confidence: 0.6,
	},
];

export const settings: ProjectSettings = {
	plan: { build: "npm run build:shop", test: null },
	deadlinesMs: { build: 1_200_000 },
	memoryMb: 512,
	sleepAfterMinutes: 30,
};

export const deployKey: DeployKeyView = {
	publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGGSGHpaxyeAWPsDxo5UqUEMrelZARBxbPxLfeIBTOM quayside-web-shop",
	fingerprint: "SHA256:8RRIRHI5BHYjl2rPqx8mwt5a4HXfNJSOwNLDPJCK3cE",
	createdAt: release.createdAt,
	knownHosts: [{ host: "github.com", fingerprint: "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU", pinnedAt: release.createdAt }],
};
