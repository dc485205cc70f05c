import { describe, expect, it } from "vitest";
import { type SettingsValues, toSettings, toSettingsValues } from "#components/projects/settings-values.ts";
import { type ProjectSettings, projectSettingsSchema } from "#lib/protocol/index.ts";

const blank = toSettingsValues({});
function changed(values: Partial<SettingsValues>, settings: ProjectSettings = {}): ProjectSettings {
	const read = toSettings({ ...toSettingsValues(settings), ...values });
	if ("problems" in read) throw new Error(JSON.stringify(read.problems));
	return read.change(settings);
}

describe("the fields of a project's settings", () => {
	it("are empty for defaults and give back what they were made from", () => {
		const settings: ProjectSettings = {
			plan: { build: "make" },
			deadlinesMs: { build: 90_000, clone: 300_000 },
			buildMemoryMb: 4096,
			memoryMb: 512,
			sleepAfterMinutes: 15,
			keepReleases: 3,
		};
		expect(changed({}, settings)).toEqual(settings);
		expect(changed({})).toEqual({});
	});

	it("write what the server accepts, and an emptied field is the default again", () => {
		const settings = changed({ memoryMb: "64", keepReleases: "50", deadlines: { ...blank.deadlines, verify: "1,5", build: "120" } });
		expect(projectSettingsSchema.parse(settings)).toEqual(settings);
		expect(settings.deadlinesMs).toEqual({ verify: 90_000, build: 7_200_000 });
		expect(changed({ keepReleases: "" }, { keepReleases: 4 })).toEqual({});
	});

	it("let an app sleep only when it is asked for", () => {
		expect(changed({ sleeps: true })).toEqual({ sleepAfterMinutes: 30 });
		expect(changed({ sleeps: false, sleepAfterMinutes: "nonsense" })).toEqual({});
	});

	it("say what is wrong at each field", () => {
		const deadlines = { ...blank.deadlines, test: "0.5", build: "long" };
		const read = toSettings({
			...blank,
			deadlines,
			buildMemoryMb: "100",
			memoryMb: "1.5",
			sleeps: true,
			sleepAfterMinutes: "0",
			keepReleases: "51",
		});
		expect(Object.keys("problems" in read ? read.problems : {}).sort()).toEqual(
			["build", "buildMemoryMb", "keepReleases", "memoryMb", "sleepAfterMinutes", "test"].sort(),
		);
	});
});
