import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { presentOf, versionOf } from "../language-plan.ts";
import { debianImage, imageVersion } from "./base-images.ts";
import { addressOf, aptInstall, type Image } from "./image.ts";

/** The image of a Go program: the whole folder goes along, because a server may read its templates from it. */
export async function goImage(plan: Plan, workspace: Workspace): Promise<Image> {
	return {
		builder: `golang:${imageVersion("go", versionOf(plan, "go"))}-bookworm`,
		runner: debianImage,
		manifests: plan.install === null ? [] : await presentOf(workspace, ["go.mod", "go.sum"]),
		env: plan.env,
		install: plan.install,
		build: plan.build,
		prepareRunner: [aptInstall("ca-certificates", "wget")],
		start: plan.start,
		health: ["wget", "-q", "-O", "/dev/null", addressOf(plan)],
	};
}
