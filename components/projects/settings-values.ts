import { type ProjectSettings, type Stage, stages } from "#lib/protocol/index.ts";

/** A project's settings as the fields of a form hold them: "" is the default. Deadlines are in minutes. */
export interface SettingsValues {
	deadlines: Readonly<Record<Stage, string>>;
	buildMemoryMb: string;
	memoryMb: string;
	sleeps: boolean;
	sleepAfterMinutes: string;
	keepReleases: string;
}

/** Fields that hold a whole number, with their bounds: those of `projectSettingsSchema`. */
export const settingsBounds = {
	buildMemoryMb: { least: 256, most: 65_536 },
	memoryMb: { least: 64, most: 65_536 },
	sleepAfterMinutes: { least: 1, most: 10_080 },
	keepReleases: { least: 1, most: 50 },
} as const;

export type SettingsNumber = keyof typeof settingsBounds;
export type SettingsProblems = Partial<Record<SettingsNumber | Stage, string>>;

const minuteMs = 60_000;
const leastDeadlineMinutes = 1;
const mostDeadlineMinutes = 120;
/** What is proposed to somebody who lets an app sleep. */
export const proposedSleepMinutes = "30";

export function toSettingsValues(settings: ProjectSettings): SettingsValues {
	const minutes = (stage: Stage): string => {
		const ms = settings.deadlinesMs?.[stage];
		return ms === undefined ? "" : String(Math.round((ms / minuteMs) * 100) / 100);
	};
	const text = (value: number | undefined): string => (value === undefined ? "" : String(value));
	return {
		deadlines: Object.fromEntries(stages.map((stage) => [stage, minutes(stage)])) as Record<Stage, string>,
		buildMemoryMb: text(settings.buildMemoryMb),
		memoryMb: text(settings.memoryMb),
		sleeps: settings.sleepAfterMinutes !== undefined,
		sleepAfterMinutes: text(settings.sleepAfterMinutes) || proposedSleepMinutes,
		keepReleases: text(settings.keepReleases),
	};
}

/** The settings for these fields, or what is wrong with them. What the form has no field for stays as it is. */
export function toSettings(
	values: SettingsValues,
): { change: (settings: ProjectSettings) => ProjectSettings } | { problems: SettingsProblems } {
	const problems: SettingsProblems = {};
	const numbers: Partial<Record<SettingsNumber, number>> = {};
	for (const name of Object.keys(settingsBounds) as SettingsNumber[]) {
		const text = values[name].trim();
		if (name === "sleepAfterMinutes" ? !values.sleeps : text === "") continue;
		const { least, most } = settingsBounds[name];
		if (/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most) numbers[name] = Number(text);
		else problems[name] = `Use a whole number from ${least} to ${most}.`;
	}
	const deadlinesMs: Partial<Record<Stage, number>> = {};
	for (const stage of stages) {
		const text = values.deadlines[stage].trim().replace(",", ".");
		if (text === "") continue;
		const minutes = Number(text);
		if (/^\d{1,3}(?:\.\d{1,2})?$/.test(text) && minutes >= leastDeadlineMinutes && minutes <= mostDeadlineMinutes)
			deadlinesMs[stage] = Math.round(minutes * minuteMs);
		else problems[stage] = `Use minutes from ${leastDeadlineMinutes} to ${mostDeadlineMinutes}.`;
	}
	if (Object.keys(problems).length > 0) return { problems };
	const change = (before: ProjectSettings): ProjectSettings => ({
		...Object.fromEntries(Object.entries(before).filter(([name]) => name !== "deadlinesMs" && !(name in settingsBounds))),
		...numbers,
		...(Object.keys(deadlinesMs).length > 0 && { deadlinesMs }),
	});
	return { change };
}
