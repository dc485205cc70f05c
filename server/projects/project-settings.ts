import { AppError } from "../../lib/errors.ts";
import { formatDuration } from "../../lib/format.ts";
import {
	type ApprovalPolicy,
	type FixPolicy,
	type PlanOverrides,
	type ProjectSettings,
	streamOf,
	strictest,
} from "../../lib/protocol/index.ts";
import type { Principal } from "../../lib/services.ts";
import type { StreamWriter } from "../streams/streams.ts";

/**
 * Replaces a project's settings and tells its stream who changed what. The release that is active takes over its new memory at its
 * next start, and no deployment goes on with it as it runs; older ones keep what they ran with. Settings that stay the same are not told.
 */
export async function replaceSettings(
	writer: StreamWriter,
	{ user, mayApprove }: Principal,
	projectId: string,
	settings: ProjectSettings,
): Promise<ProjectSettings> {
	const project = await writer.trx
		.selectFrom("projects")
		.select(["settings", "active_release"])
		.where("id", "=", projectId)
		.forUpdate()
		.executeTakeFirstOrThrow();
	const [asked = "none", asks = "none"] = [project.settings.approvals, settings.approvals];
	if (!mayApprove && strictest(asked, asks) !== asks) throw new AppError("forbidden", asksForLess);
	const [fixed = "off", fixes = "off"] = [project.settings.fixes, settings.fixes];
	if (!mayApprove && fixed !== "automatic" && fixes === "automatic") throw new AppError("forbidden", repairsUnasked);
	const changes = describeChanges(project.settings, settings);
	if (changes.length === 0) return project.settings;
	await writer.trx
		.updateTable("projects")
		.set({ settings: JSON.stringify(settings) })
		.where("id", "=", projectId)
		.execute();
	if (project.active_release !== null && project.settings.memoryMb !== settings.memoryMb) {
		await writer.trx
			.updateTable("releases")
			.set({ memory_mb: settings.memoryMb ?? null, build_key: null })
			.where("id", "=", project.active_release)
			.execute();
	}
	const content = `${user.name} changed the settings. ${changes.join(" ")}`;
	await writer.append(streamOf.project(projectId), [{ type: "system", source: "projects", content, metadata: { message_type: "info" } }]);
	return settings;
}

/** Who may not approve does not go around it. */
const repairsUnasked = {
	message: "This API token may not make a project repair what fails without asking.",
	action: "Change it in the browser, or with a token that may answer approvals.",
};

const asksForLess = {
	message: "This API token may not make a project ask for fewer approvals.",
	action: "Change it in the browser, or with a token that may answer approvals.",
};

const asksSentence: Readonly<Record<ApprovalPolicy, string>> = {
	none: "No deployment waits for a person, from the next one on.",
	plan: "A person approves the plan of each deployment, from the next one on.",
	deploy: "A person approves before each release, from the next deployment on.",
	all: "A person approves the plan and each release, from the next deployment on.",
};

/** One plain sentence for each setting that differs. */
export function describeChanges(before: ProjectSettings, after: ProjectSettings): string[] {
	return [
		...planChanges(before.plan ?? {}, after.plan ?? {}),
		...deadlineChanges(before.deadlinesMs ?? {}, after.deadlinesMs ?? {}),
		...changeOf(before.buildMemoryMb, after.buildMemoryMb, "Builds may use", "as much memory as by default", (mb) => `${mb} MB of memory`),
		...changeOf(
			before.memoryMb,
			after.memoryMb,
			"From its next start the app may use",
			"as much memory as by default",
			(mb) => `${mb} MB of memory`,
		),
		...changeOf(before.sleepAfterMinutes, after.sleepAfterMinutes, "The app", "never sleeps", (minutes) =>
			minutes === 1 ? "sleeps after a minute without a visitor" : `sleeps after ${minutes} minutes without a visitor`,
		),
		...changeOf(before.keepReleases, after.keepReleases, "Quayside keeps", "as many releases as by default", (count) =>
			count === 1 ? "1 release" : `${count} releases`,
		),
		...((before.approvals ?? "none") === (after.approvals ?? "none") ? [] : [asksSentence[after.approvals ?? "none"]]),
		...(before.fixes === after.fixes ? [] : [`Repairs that a rule knows ${fixWords[after.fixes ?? "off"]}, from the next deployment on.`]),
	];
}

const fixWords: Readonly<Record<FixPolicy, string>> = {
	off: "are off",
	ask: "wait for a person's answer",
	automatic: "are applied by themselves",
};

function changeOf(
	before: number | undefined,
	after: number | undefined,
	beginning: string,
	byDefault: string,
	words: (value: number) => string,
): string[] {
	return before === after ? [] : [`${beginning} ${after === undefined ? byDefault : words(after)}.`];
}

function deadlineChanges(before: NonNullable<ProjectSettings["deadlinesMs"]>, after: typeof before): string[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof typeof before)[];
	return names.flatMap((stage) =>
		changeOf(before[stage], after[stage], `The stage “${stage}” may take`, "as long as by default", formatDuration),
	);
}

/** Names what is fixed about the plan and what no longer is. Values of variables stay out: not everybody who reads this may see them. */
function planChanges(before: PlanOverrides, after: PlanOverrides): string[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof PlanOverrides)[];
	return names.flatMap((name) => {
		if (JSON.stringify(before[name]) === JSON.stringify(after[name])) return [];
		const value = after[name];
		if (value === undefined) return [`${planWords[name]} is as detected from the next deployment on.`];
		if (name === "env") return [`${planWords.env}: ${Object.keys(after.env ?? {}).join(", ") || "none"}, from the next deployment on.`];
		return [`${planWords[name]}: ${value === null ? "none" : wordsOf(value)}, from the next deployment on.`];
	});
}

const planWords: Readonly<Record<keyof PlanOverrides, string>> = {
	provider: "The kind of project",
	framework: "The framework’s name",
	node: "The Node version",
	packageManager: "The package manager",
	install: "The install command",
	build: "The build command",
	test: "The test command",
	start: "The start command",
	output: "The output folder",
	spaFallback: "Unknown paths answer the first page",
	port: "The port",
	healthPath: "The path that must answer",
	env: "The variables of the plan",
};

function wordsOf(value: string | number | boolean | readonly string[] | Readonly<Record<string, string>>): string {
	if (typeof value === "boolean") return value ? "yes" : "no";
	if (Array.isArray(value)) return value.join(" ");
	return String(value);
}
