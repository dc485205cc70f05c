import { readdir } from "node:fs/promises";
import { DockerfileParser } from "dockerfile-ast";
import { expect, test } from "vitest";
import { detectPlans } from "#server/plan/detect.ts";
import { openWorkspace } from "#server/source/workspace.ts";
import { fixtureDir } from "#tests/support/git-server.ts";

const written = (
	await Promise.all(
		(
			await readdir(fixtureDir(""))
		).map(async (fixture) => {
			const plans = await detectPlans(await openWorkspace(fixtureDir(fixture), null));
			return plans.map((plan) => ({ name: `${fixture}, ${plan.provider}`, plan }));
		}),
	)
).flat();

test.each(written.filter(({ plan }) => plan.kind !== "image"))(
	"the Dockerfile of $name parses, is pinned, has no root and checks itself (R164)",
	({ plan }) => {
		const file = DockerfileParser.parse(plan.dockerfile ?? "");
		const words = file.getInstructions().map((instruction) => instruction.getKeyword().toUpperCase());
		const stages = new Set(file.getFROMs().flatMap((from) => from.getBuildStage() ?? []));
		for (const from of file.getFROMs()) {
			const image = from.getImage() ?? "";
			if (!stages.has(image)) expect(image).toMatch(/^[\w./-]+:(?!.*latest)(?:.*\d+\.\d+|21)/);
		}
		const last = words.slice(words.lastIndexOf("FROM"));
		expect(last).toEqual(expect.arrayContaining(["USER", "HEALTHCHECK", "EXPOSE"]));
		expect(last.filter((word) => word === "CMD")).toHaveLength(plan.kind === "process" ? 1 : 0);
		const user = file.getInstructions().findLast((instruction) => instruction.getKeyword() === "USER");
		expect(user?.getArguments().map(String)).not.toEqual(["root"]);
		expect(plan.dockerignore).toMatch(/^\.git$/m);
	},
);
