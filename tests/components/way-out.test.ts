import { describe, expect, it } from "vitest";
import { pageTitle } from "#components/deployments/page-title.ts";
import { causeTitle, decisiveLine, missingVariable, planCauses, variableCauses, wayOutOf } from "#components/deployments/way-out.ts";
import { standingOf } from "#components/deployments/words.ts";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { ErrorCode } from "#lib/errors.ts";
import { type Failure, failureSchema, type ReleaseView, type Stage, stages } from "#lib/protocol/index.ts";
import { factCauses } from "#server/causes/fact-causes.ts";
import { causes } from "#server/causes/find-cause.ts";

const id = "01JD7Z8Q4M2V9K3T5X6Y7W8R93";

function failedIn(stage: Stage): DeploymentState {
	const state = emptyState(id);
	const at = stages.indexOf(stage);
	return {
		...state,
		project: { id: "p", slug: "web-shop", name: "web-shop" },
		source: { type: "git", url: "https://example.com/a.git", ref: null, directory: null, private: false },
		status: "failed",
		stage,
		stages: state.stages.map((each, index) => ({ ...each, status: index < at ? "succeeded" : index === at ? "failed" : "skipped" })),
	};
}

function failure(code: ErrorCode, more: Partial<Failure> = {}): Failure {
	return failureSchema.parse({ code, message: "It failed.", action: "Repair it.", reference: "r", ...more });
}

describe("the way out of a failure", () => {
	it.each([
		["repository_auth_failed", "clone", "/projects/web-shop?tab=source"],
		["nothing_deployable", "plan", "/projects/web-shop?tab=source"],
		["host_key_changed", "clone", "/projects/web-shop?tab=source"],
		["stage_timeout", "build", "/projects/web-shop?tab=settings"],
		["out_of_memory", "build", "/projects/web-shop?tab=settings"],
	] as const)("of %s leads to the page where it is repaired", (code, stage, href) => {
		expect(wayOutOf(failure(code), failedIn(stage))).toMatchObject({ type: "page", href });
	});

	it("of a variable that is missing opens Environment with its name, and knows the way back", () => {
		const lines = ["> build", "Error: API_BASE is not set"];
		expect(wayOutOf(failure("build_failed", { lines }), failedIn("build"))).toEqual({
			type: "page",
			label: "Set API_BASE",
			href: `/projects/web-shop?tab=environment&name=API_BASE&back=${id}`,
		});
	});

	it("of a project that lies in a folder is the source with this folder", () => {
		const action = "Something deployable seems to be in “apps/my web”, “api”: set one of them as the directory and retry.";
		expect(wayOutOf(failure("nothing_deployable", { action }), failedIn("plan"))).toEqual({
			type: "page",
			label: "Use “apps/my web”",
			href: "/projects/web-shop?tab=source&directory=apps%2Fmy+web",
		});
	});

	it("of a plan that does not fit is the form of the plan", () => {
		const noFile = "node indx.js starts “indx.js”, and there is no such file after the build.";
		expect(wayOutOf(failure("app_crashed", { cause: "file_missing", message: noFile }), failedIn("verify"))?.type).toBe("plan");
		const noImport = "“a.js” imports “./b”, and there is no such file in the repository.";
		expect(wayOutOf(failure("build_failed", { cause: "file_missing", message: noImport }), failedIn("build"))).toMatchObject({
			from: "clone",
		});
		expect(wayOutOf(failure("output_missing"), failedIn("build"))?.type).toBe("plan");
		expect(wayOutOf(failure("build_failed", { cause: "script_missing" }), failedIn("build"))?.type).toBe("plan");
		expect(wayOutOf(failure("config_invalid", { message: "The project's settings cannot be carried out." }), failedIn("plan"))?.type).toBe(
			"plan",
		);
	});

	it("of a mistake in the code is the newest commit, of anything else the stage once more", () => {
		const action = "Name that folder in a quayside.json. Then commit, push and deploy again.";
		expect(wayOutOf(failure("nothing_deployable", { action }), failedIn("plan"))).toMatchObject({ type: "retry", from: "clone" });
		expect(wayOutOf(failure("test_failed"), failedIn("test"))).toMatchObject({ type: "retry", from: "clone" });
		expect(wayOutOf(failure("disk_full"), failedIn("build"))).toMatchObject({ type: "retry", from: "build", label: "Try again" });
		expect(wayOutOf(failure("config_invalid", { message: "Line 3 of quayside.json." }), failedIn("plan"))).toMatchObject({ from: "clone" });
	});
});

it("is known for causes that exist", () => {
	const known: ReadonlySet<string> = new Set([...causes.map(({ id }) => id), ...Object.keys(factCauses)]);
	expect([...planCauses, ...variableCauses].filter((id) => !known.has(id))).toEqual([]);
});

describe("the variable that was missing", () => {
	const none = { cause: null, message: "", action: "", lines: [] };
	it.each([
		["Error: DATABASE_URL is not defined", "DATABASE_URL"],
		['Environment variable "STRIPE_SECRET_KEY" is required', "STRIPE_SECRET_KEY"],
		["process.env.SESSION_SECRET must be set", "SESSION_SECRET"],
		["ReferenceError: myValue is not defined", null],
		["npm error ERR_MODULE_NOT_FOUND is not defined", null],
		["something else failed", null],
	])("is read from %s", (line, name) => expect(missingVariable({ ...none, lines: [line] })).toBe(name));

	it("is taken from the words of a known cause, and from no other cause", () => {
		const message = "The app needs “API_KEY”, which is not set.";
		expect(missingVariable({ ...none, cause: "env_missing", message })).toBe("API_KEY");
		expect(missingVariable({ ...none, cause: "npmrc_variable_missing", message: ".npmrc uses the variable “TOKEN”." })).toBe("TOKEN");
		expect(missingVariable({ ...none, cause: "lockfile_outdated", lines: ["API_KEY is not set"] })).toBeNull();
	});
});

describe("words about a failure", () => {
	it("mark the line that says what is wrong", () => {
		expect(decisiveLine(["> build", "src/a.ts(3,1): error TS2304: Cannot find name", "Found 1 error"])).toBe(1);
		expect(decisiveLine(["a", "permission denied", "b"])).toBe(1);
		expect(decisiveLine(["a", "b"])).toBeNull();
	});
	it("name the cause", () =>
		expect(["lockfile_outdated", "env_missing", "typescript_error"].map(causeTitle)).toEqual([
			"Lockfile outdated",
			"Variable missing",
			"TypeScript error",
		]));
});

describe("the title of a deployment that succeeded", () => {
	const release = (more: Partial<ReleaseView>): ReleaseView => ({
		id: "r",
		deploymentId: id,
		deploymentNumber: 1,
		status: "live",
		kind: "process",
		active: true,
		asleep: false,
		crash: null,
		framework: "",
		commit: null,
		sizeBytes: 1,
		repairs: 0,
		createdAt: "2026-11-21T09:00:00.000Z",
		...more,
	});
	it.each([
		[[release({})], "✓ Live – web-shop"],
		[[release({ status: "crashed" })], "✕ Crashed – web-shop"],
		[[release({ status: "stopped", asleep: true })], "✓ Asleep – web-shop"],
		[[release({ id: "newer" }), release({ active: false, status: "stopped" })], "✓ Succeeded – web-shop"],
		// Nothing had changed: it went on with the release of an earlier one.
		[[release({ deploymentId: "earlier" })], "✓ Live – web-shop"],
		[[], "✓ Succeeded – web-shop"],
	])("says Live only while its release is", (releases, title) => {
		const state = { ...failedIn("verify"), status: "succeeded" as const };
		expect(pageTitle(state, standingOf(releases, "r"))).toBe(title);
	});
});
