import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../../lib/client/client.ts";
import { deploy, getPreview } from "../support/deployments.ts";
import { type GitServer, startGitServer } from "../support/git-server.ts";
import { type Platform, startPlatform } from "../support/platform.ts";
import { sayDistribution } from "./figures.ts";

const rounds = 7;
const goal = "≤ 2 s, aim 0.5 s";

const app = (version: string) => ({
	"package.json": JSON.stringify({ name: "app", version: "1.0.0", scripts: { start: "node server.js" } }),
	"server.js": `require("node:http").createServer((_, response) => response.end(${JSON.stringify(version)})).listen(process.env.PORT);`,
});
const site = (version: string) => ({ "index.html": version });

/** From the click on "roll back" until a visitor gets the older version, for an app that has to be started and for a site. */
export async function measure(): Promise<void> {
	const git = await startGitServer();
	const platform = await startPlatform();
	try {
		sayDistribution("process: click → old version answers", await rollBack(platform, git, "app", app), goal);
		sayDistribution("static: click → old version answers", await rollBack(platform, git, "site", site), goal);
	} finally {
		await platform.stop();
		await git.stop();
	}
}

async function rollBack(platform: Platform, git: GitServer, name: string, files: (version: string) => Record<string, string>) {
	const { projects } = createClient({ origin: `http://127.0.0.1:${platform.port}`, token: platform.token });
	await git.add(name, files("one"));
	const { previewUrl, project } = await deploy(platform, git.url(name));
	await git.commit(name, files("two"));
	await deploy(platform, git.url(name));
	const [second, first] = await projects.releases(project.slug);
	if (!first || !second || previewUrl === null) throw new Error(`${name} was not deployed twice`);

	const samples: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const [release, version] = round % 2 === 0 ? [first, "one"] : [second, "two"];
		await stopped(release.id);
		const startedAt = performance.now();
		const clicked = projects.rollback(project.slug, release.id);
		while ((await getPreview(previewUrl)).body !== version) await delay(2);
		samples.push(performance.now() - startedAt);
		await clicked;
	}
	return samples;

	/** A release that was replaced goes on for a moment; going back to it then would cost nothing. */
	async function stopped(id: string): Promise<void> {
		while ((await projects.releases(project.slug)).find((release) => release.id === id)?.status !== "stopped") await delay(100);
	}
}
