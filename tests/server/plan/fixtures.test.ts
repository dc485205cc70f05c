import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { planSchema } from "#lib/protocol/index.ts";
import { detectPlans, explainNothing } from "#server/plan/detect.ts";
import { openWorkspace } from "#server/source/workspace.ts";
import { fixtureDir } from "#tests/support/git-server.ts";

test.each(await readdir(fixtureDir("")))("the plans of %s", async (name) => {
	const workspace = await openWorkspace(fixtureDir(name), null);
	const plans = await detectPlans(workspace);
	for (const plan of plans) expect(planSchema.parse(plan)).toEqual(plan);
	expect(plans.length > 0 ? plans : await explainNothing(workspace)).toMatchSnapshot();
});

test("the plan of a site in a subdirectory", async () => {
	const [plan] = await detectPlans(await openWorkspace(fixtureDir("static-subdirectory"), "web"));
	expect(plan).toMatchObject({ kind: "static", directory: "web", output: ".", summary: "Detected a static site, no build, index.html" });
});
