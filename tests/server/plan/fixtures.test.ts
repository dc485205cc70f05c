import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { planSchema } from "#lib/protocol/index.ts";
import { choosePlan } from "#server/plan/choose.ts";
import { detectPlans } from "#server/plan/detect.ts";
import { openWorkspace } from "#server/source/workspace.ts";
import { fixtureDir } from "#tests/support/git-server.ts";

test.each(await readdir(fixtureDir("")))("the plans of %s", async (name) => {
	const chosen = await choosePlan(await openWorkspace(fixtureDir(name), null));
	const plans = chosen.ok ? [chosen.value.plan, ...chosen.value.others] : [];
	for (const plan of plans) expect(planSchema.parse(plan)).toEqual(plan);
	const found = chosen.ok ? plans : chosen.failure;
	await expect(`${JSON.stringify(found, null, "\t")}\n`).toMatchFileSnapshot(`plans/${name}.json`);
});

test("the plan of a site in a subdirectory", async () => {
	const [plan] = await detectPlans(await openWorkspace(fixtureDir("static-subdirectory"), "web"));
	expect(plan).toMatchObject({ kind: "static", directory: "web", output: ".", summary: "Detected a static site, no build, index.html" });
});
