import { commandText, type PackageManagerName, type Plan, type PlanOverrides } from "#lib/protocol/index.ts";

/** The commands a person may fix, in the order in which they run. */
export const planCommands = ["install", "build", "test", "start"] as const;
export type PlanCommand = (typeof planCommands)[number];

/** A plan's overrides as the fields of a form hold them: "" is "as detected". */
export interface PlanValues {
	provider: string;
	packageManager: string;
	node: string;
	install: string;
	build: string;
	test: string;
	start: string;
	/** Commands that are left out although one was detected. */
	without: Readonly<Record<PlanCommand, boolean>>;
	output: string;
	port: string;
	healthPath: string;
}

export type PlanField = Exclude<keyof PlanValues, "without">;
export type PlanProblems = Partial<Record<PlanField, string>>;

/** The fields for these overrides. */
export function toPlanValues(overrides: PlanOverrides): PlanValues {
	const commands = Object.fromEntries(planCommands.map((name) => [name, textOf(overrides[name])])) as Record<PlanCommand, string>;
	return {
		provider: overrides.provider ?? "",
		packageManager: overrides.packageManager ?? "",
		node: overrides.node ?? "",
		...commands,
		without: Object.fromEntries(planCommands.map((name) => [name, overrides[name] === null])) as Record<PlanCommand, boolean>,
		output: overrides.output ?? "",
		port: overrides.port === undefined ? "" : String(overrides.port),
		healthPath: overrides.healthPath ?? "",
	};
}

/**
 * The overrides for these fields, or what is wrong with them. What the form has no field for stays as in `before`, and so does a
 * command that was not touched.
 */
export function toPlanOverrides(values: PlanValues, before: PlanOverrides): { overrides: PlanOverrides } | { problems: PlanProblems } {
	const problems = problemsOf(values);
	if (Object.keys(problems).length > 0) return { problems };
	const overrides: PlanOverrides = {
		...before,
		provider: values.provider || undefined,
		packageManager: (values.packageManager || undefined) as PackageManagerName | undefined,
		node: values.node.trim() || undefined,
		output: values.output.trim() || undefined,
		port: values.port.trim() === "" ? undefined : Number(values.port),
		healthPath: values.healthPath.trim() || undefined,
	};
	for (const name of planCommands) overrides[name] = commandOf(values, name, before);
	return { overrides: withoutUndefined(overrides) };
}

/** What each field would be without an override, where the last plan tells; "" where it does not. */
export function detectedValues(plan: Plan | null, overrides: PlanOverrides): Record<PlanField, string> {
	const detected = (name: keyof PlanOverrides, value: string | null | undefined): string =>
		overrides[name] === undefined ? (value ?? "") : "";
	return {
		provider: detected("provider", plan?.framework),
		packageManager: detected("packageManager", plan?.packageManager),
		node: detected("node", plan?.nodeVersion),
		install: detected("install", plan?.install && commandText(plan.install)),
		build: detected("build", plan?.build && commandText(plan.build)),
		test: detected("test", plan?.test && commandText(plan.test)),
		start: detected("start", plan?.start && commandText(plan.start)),
		output: detected("output", plan?.output),
		port: detected("port", plan?.port ? String(plan.port) : null),
		healthPath: detected("healthPath", plan?.healthPath),
	};
}

function problemsOf(values: PlanValues): PlanProblems {
	const node = values.node.trim();
	const output = values.output.trim();
	const port = values.port.trim();
	const healthPath = values.healthPath.trim();
	const problems: PlanProblems = {};
	if (node !== "" && !/^[\sv\dxX*.^~<>=|-]*\d[\sv\dxX*.^~<>=|-]*$/.test(node)) problems.node = "Use a version such as 24, 22.12.0 or >=22.";
	if (output.startsWith("/") || output.split("/").includes("..")) problems.output = "Use a folder inside the app's own, such as dist.";
	if (port !== "" && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
		problems.port = "Use a number from 1 to 65535.";
	if (healthPath !== "" && !/^\/\S*$/.test(healthPath)) problems.healthPath = "Use a path that begins with / and has no spaces.";
	return problems;
}

function commandOf(values: PlanValues, name: PlanCommand, before: PlanOverrides): PlanOverrides[PlanCommand] {
	if (values.without[name]) return null;
	const text = values[name].trim();
	if (text === "") return undefined;
	return text === textOf(before[name]) ? before[name] : text;
}

function textOf(command: PlanOverrides[PlanCommand]): string {
	if (command === undefined || command === null) return "";
	return typeof command === "string" ? command : commandText(command);
}

function withoutUndefined(overrides: PlanOverrides): PlanOverrides {
	return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)) as PlanOverrides;
}
