import type { Client } from "../../../lib/client/client.ts";
import { AppError } from "../../../lib/errors.ts";
import type { ReleaseView } from "../../../lib/protocol/index.ts";
import type { Command } from "../command.ts";
import { exitCode } from "../exit-code.ts";

export const rollback: Command = {
	name: "rollback",
	takes: "<project> [release]",
	summary: "Make an older release the active one, whole; without a release (an id or #number), the one before",
	details: ["It asks for no approval, also where deployments do: visitors have had each of the releases before."],
	words: [1, 2],
	options: { list: { type: "boolean", help: "Show the releases instead" } },
	async run({ words: [project = "", wanted], flags, output, client: connect }) {
		const client = await connect();
		const releases = await client.projects.releases(project);
		if (flags.has("list")) {
			for (const release of releases) {
				if (output.json) output.record({ type: "release", ...release });
				else output.line(rowOf(release));
			}
			return exitCode.ok;
		}
		const release = await client.projects.rollback(
			project,
			wanted === undefined ? before(releases, project).id : named(releases, wanted, project).id,
		);
		if (output.json) output.record({ type: "release", ...release });
		else output.line(`${project} is on the release of deployment ${release.deploymentNumber}.${await addressOf(client, project)}`);
		return exitCode.ok;
	},
};

/** The release that was live before the active one. */
function before(releases: readonly ReleaseView[], project: string): ReleaseView {
	const active = releases.findIndex((release) => release.active);
	const older = releases.slice(active + 1).find(({ status }) => status !== "lost");
	if (!older) throw new AppError("conflict", { message: "There is no older release to go back to.", action: howToList(project) });
	return older;
}

/** The release of this id, or of the deployment of this number: `3` and `#3` are what people see. */
function named(releases: readonly ReleaseView[], wanted: string, project: string): ReleaseView {
	const number = /^#?(\d{1,9})$/.exec(wanted)?.[1];
	const found = releases.find(({ id, deploymentNumber }) => id === wanted || deploymentNumber === Number(number));
	if (!found) throw new AppError("not_found", { message: `${project} has no release “${wanted}”.`, action: howToList(project) });
	return found;
}

const howToList = (project: string): string => `“quayside rollback ${project} --list” shows its releases.`;

function rowOf({ id, deploymentNumber, active, status, commit, createdAt }: ReleaseView): string {
	return [active ? "*" : " ", id, `#${deploymentNumber}`, status.padEnd(8), commit?.slice(0, 7) ?? "", createdAt].join("  ");
}

async function addressOf(client: Client, project: string): Promise<string> {
	const { previewUrl } = await client.projects.get(project);
	return previewUrl ? ` ${previewUrl}` : "";
}
