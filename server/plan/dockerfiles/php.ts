import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { presentOf, versionOf } from "../language-plan.ts";
import { imageVersion } from "./base-images.ts";
import { addressOf, aptInstall, type Image } from "./image.ts";

/** The image of a PHP app on PHP's own server. */
export async function phpImage(plan: Plan, workspace: Workspace): Promise<Image> {
	const base = `php:${imageVersion("php", versionOf(plan, "php"))}-cli-bookworm`;
	const question = `exit(@file_get_contents('${addressOf(plan)}') === false ? 1 : 0);`;
	return {
		builder: base,
		runner: base,
		prepare:
			plan.install === null ? [] : [aptInstall("git", "unzip"), "COPY --from=composer:2.8 /usr/bin/composer /usr/local/bin/composer"],
		manifests: plan.install === null ? [] : await presentOf(workspace, ["composer.json", "composer.lock"]),
		// The scripts of frameworks need the rest of the files.
		fetch: [...(plan.install ?? []), "--no-scripts", "--no-autoloader"],
		env: plan.env,
		install: plan.install,
		build: plan.build,
		start: plan.start,
		health: ["php", "-r", question],
	};
}
