import type { Plan } from "../../../lib/protocol/index.ts";
import { versionOf } from "../language-plan.ts";
import { debianImage, imageVersion } from "./base-images.ts";
import { addressOf, aptInstall, type Image } from "./image.ts";

/** The image of a Rust program: the folder goes along without `target`, because a server may read its files from it. */
export async function rustImage(plan: Plan): Promise<Image> {
	return {
		builder: `rust:${imageVersion("rust", versionOf(plan, "rust"))}-slim-bookworm`,
		runner: debianImage,
		prepare: [aptInstall("libssl-dev", "pkg-config"), "ENV CARGO_TARGET_DIR=/cargo-target"],
		env: plan.env,
		install: plan.install,
		build: plan.build,
		prepareRunner: [aptInstall("ca-certificates", "libssl3", "wget")],
		start: plan.start,
		health: ["wget", "-q", "-O", "/dev/null", addressOf(plan)],
	};
}
