import { addBroken, brokenProjects, deployBroken, firstCause } from "#tests/support/broken-projects.ts";
import { startGitServer } from "#tests/support/git-server.ts";
import { startPlatform } from "#tests/support/platform.ts";

/** Deploys every broken project and prints what was the matter, how it was repaired, and whether its preview answers. */
export async function measure(): Promise<void> {
	const git = await startGitServer();
	const platform = await startPlatform();
	let repaired = 0;
	try {
		for (const [name, { text, settings }] of Object.entries(brokenProjects)) {
			await addBroken(platform, git, { name, settings: { ...settings, fixes: "automatic" } });
			const { deployment, events, body } = await deployBroken(platform, git, name, 300_000);
			const answers = body?.includes(text) ?? false;
			if (answers) repaired++;
			const how = deployment.fixes.map(({ title }) => title).join("; ") || "not repaired";
			console.log(`${(firstCause(events) ?? "did not fail").padEnd(26)} ${answers ? "answers" : deployment.status}  ${how}`);
		}
		console.log(`\n${repaired} of ${Object.keys(brokenProjects).length} repaired offline by rule`);
	} finally {
		await platform.stop();
		await git.stop();
	}
}
