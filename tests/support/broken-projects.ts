import { fileURLToPath } from "node:url";
import type { DeploymentView } from "#lib/deployment/state.ts";
import type { ProjectSettings, StreamEvent } from "#lib/protocol/index.ts";
import { followToEnd, getDeployment, getPreview, submit } from "./deployments.ts";
import type { GitServer } from "./git-server.ts";
import type { Platform } from "./platform.ts";

/** A project that really fails, why, and what its preview answers once it is repaired. */
export interface BrokenProject {
	/** The known cause of its failure. */
	cause: string;
	text: string;
	settings?: ProjectSettings;
}

/** Projects in `tests/fixtures/broken` that a rule repairs. None needs a package from a registry; one needs another Node, one pnpm. */
export const brokenProjects: Readonly<Record<string, BrokenProject>> = {
	"lockfile-missing": { cause: "lockfile_missing", text: "High water at noon, without a lockfile" },
	"lockfile-outdated": { cause: "lockfile_outdated", text: "High water at noon, with an old lockfile" },
	"foreign-lockfile": { cause: "lockfile_missing", text: "High water at noon, installed with its own lockfile" },
	"node-too-old": { cause: "node_too_old", text: "Answered by Node 22 or newer" },
	"script-missing": { cause: "script_missing", text: "Built by the script that there is" },
	"port-fixed": { cause: "port_fixed", text: "Found on its own port" },
	"address-fixed": { cause: "address_unavailable", text: "Listens on every address" },
	"output-elsewhere": { cause: "output_elsewhere", text: "Taken from where it was written" },
	"env-missing": { cause: "env_missing", text: "Welcome aboard" },
	"peer-conflict": { cause: "peer_conflict", text: "Cloth on mast 1" },
	"file-name-case": { cause: "file_name_case", text: "Spelled as the file is called" },
	"out-of-memory": { cause: "out_of_memory", text: "Built of 36 million numbers", settings: { buildMemoryMb: 256 } },
	"install-script": { cause: "native_module_not_built", text: "2.4 m at the gauge" },
	"not-executable": { cause: "permission_denied", text: "Made by a script without permission" },
	"line-endings": { cause: "windows_line_endings", text: "Made with the line endings of Linux" },
	"dev-dependencies": { cause: "dev_dependencies_skipped", text: "Made by a package for development" },
};

/** Serves a broken project under a name and makes a Quayside project of that name for it, with settings. */
export async function addBroken(
	platform: Platform,
	git: GitServer,
	{ name, fixture = name, settings }: { name: string; fixture?: string; settings: ProjectSettings },
): Promise<void> {
	await git.addFolder(name, fileURLToPath(new URL(`../fixtures/broken/${fixture}`, import.meta.url)));
	const send = async (method: string, path: string, body: object) => {
		const response = await platform.fetch(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
		if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
	};
	await send("POST", "/api/projects", { source: { type: "git", url: git.url(name) }, slug: name });
	await send("PUT", `/api/projects/${name}/settings`, { settings });
}

export interface Trip {
	deployment: DeploymentView;
	events: StreamEvent[];
	/** What the preview answers, null where there is none. */
	body: string | null;
}

/** Deploys a project to its end. */
export async function deployBroken(platform: Platform, git: GitServer, name: string, withinMs: number): Promise<Trip> {
	const { id } = await submit(platform, git.url(name), { project: name });
	const events = await followToEnd(platform, id, withinMs);
	const deployment = await getDeployment(platform, id);
	const preview = deployment.previewUrl === null ? null : await getPreview(deployment.previewUrl);
	return { deployment, events, body: preview?.status === 200 ? preview.body : null };
}

/** The known cause of the first failure of a trip. */
export function firstCause(events: readonly StreamEvent[]): string | null {
	const failed = events.find((event) => event.type === "stage_failed");
	return failed?.type === "stage_failed" ? failed.metadata.error.cause : null;
}
