import type { Plan } from "../../../lib/protocol/index.ts";
import { debianImage } from "./base-images.ts";
import { aptInstall, type Image } from "./image.ts";
import { siteFrom } from "./site.ts";

/** The image of a site that Hugo or Zola builds: the generator in the first stage, files alone in the second. */
export async function generatorImage(plan: Plan): Promise<Image> {
	const zola = plan.tools.some(({ name }) => name === "zola");
	return {
		builder: debianImage,
		prepare: zola ? ["COPY --from=ghcr.io/getzola/zola:v0.19.2 /bin/zola /usr/local/bin/zola"] : [aptInstall("git", "hugo")],
		env: plan.env,
		install: plan.install,
		build: plan.build,
		...siteFrom(plan.output ?? "public"),
	};
}
