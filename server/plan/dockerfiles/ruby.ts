import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { presentOf, versionOf } from "../language-plan.ts";
import { minorOf } from "../lowest-version.ts";
import { imageVersions } from "./base-images.ts";
import { addressOf, aptInstall, type Image } from "./image.ts";
import { siteFrom } from "./site.ts";

/** The image of a Ruby program, whose gems in vendor/bundle are taken along, or of a site that one makes. */
export async function rubyImage(plan: Plan, workspace: Workspace): Promise<Image> {
	const asked = versionOf(plan, "ruby");
	const base = `ruby:${asked === null ? imageVersions.ruby : minorOf(asked)}-slim-bookworm`;
	const steps = {
		builder: base,
		// Many gems are C inside.
		prepare: [aptInstall("build-essential", "git", "libpq-dev", "libyaml-dev", "pkg-config")],
		manifests: plan.install === null ? [] : await presentOf(workspace, ["Gemfile", "Gemfile.lock", ".ruby-version"]),
		env: plan.env,
		install: plan.install,
		build: plan.build,
	};
	if (plan.kind === "static") return { ...steps, ...siteFrom(plan.output ?? "_site") };
	const question = `require "net/http"; exit(Net::HTTP.get_response(URI("${addressOf(plan)}")).code.to_i < 500)`;
	return {
		...steps,
		runner: base,
		prepareRunner: [aptInstall("libpq5", "libyaml-0-2")],
		start: plan.start,
		health: ["ruby", "-e", question],
	};
}
