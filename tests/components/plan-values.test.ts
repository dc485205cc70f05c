import { describe, expect, it } from "vitest";
import { detectedValues, type PlanValues, toPlanOverrides, toPlanValues } from "#components/plan/plan-values.ts";
import { type PlanOverrides, planOverridesSchema, planSchema } from "#lib/protocol/index.ts";

const blank = toPlanValues({});
const read = (values: Partial<PlanValues>, before: PlanOverrides = {}) => toPlanOverrides({ ...toPlanValues(before), ...values }, before);

describe("the fields of a plan", () => {
	it("are empty for nothing fixed, and nothing is fixed by empty fields", () => {
		expect(blank.build).toBe("");
		expect(read({})).toEqual({ overrides: {} });
	});

	it("give back every override they were made from", () => {
		const overrides: PlanOverrides = {
			provider: "static",
			framework: "Site",
			node: ">=22",
			packageManager: "pnpm",
			install: ["npm", "run", "with space"],
			build: "npm run build:all",
			test: null,
			output: "dist",
			port: 8080,
			healthPath: "/healthz",
			env: { MODE: "x" },
			spaFallback: true,
		};
		expect(read({}, overrides)).toEqual({ overrides });
	});

	it("take a changed command as one line, an emptied one as detected, a left-out one as none", () => {
		const before: PlanOverrides = { install: ["npm", "ci"], build: "make" };
		const without = { ...blank.without, test: true };
		expect(read({ install: "npm install", build: " ", without }, before)).toEqual({ overrides: { install: "npm install", test: null } });
	});

	it("write what the server accepts", () => {
		const { overrides } = read({ node: " 22 ", port: "3000", output: "build/out", healthPath: "/up", start: "node server.js" }) as {
			overrides: PlanOverrides;
		};
		expect(planOverridesSchema.parse(overrides)).toEqual(overrides);
	});

	it.each([
		["node", "newest"],
		["port", "0"],
		["port", "70000"],
		["port", "80a"],
		["output", "/etc"],
		["output", "../other"],
		["healthPath", "health"],
		["healthPath", "/he alth"],
	] as const)("say what is wrong at %s: %s", (field, value) => {
		expect(read({ [field]: value })).toEqual({ problems: { [field]: expect.stringMatching(/^Use /) } });
	});
});

describe("what is shown as detected", () => {
	const plan = planSchema.parse({
		provider: "node",
		framework: "Express",
		summary: "",
		kind: "process",
		directory: "",
		nodeVersion: "24",
		packageManager: "npm",
		install: ["npm", "ci"],
		build: null,
		test: null,
		start: ["npm", "start"],
		output: null,
		spaFallback: false,
		healthPath: "/",
		confidence: 0.9,
		evidence: [],
		warnings: [],
		dockerfile: null,
	});

	it("is what the plan has, unless it was fixed by a person", () => {
		expect(detectedValues(plan, {})).toMatchObject({ provider: "Express", node: "24", install: "npm ci", build: "", start: "npm start" });
		expect(detectedValues(plan, { start: "npm start" }).start).toBe("");
		expect(detectedValues(null, {}).install).toBe("");
	});
});
