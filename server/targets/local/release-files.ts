import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Plan } from "../../../lib/protocol/index.ts";
import { type CopyResult, copyTree } from "./copy-tree.ts";
import type { ReleaseFolders } from "./folders.ts";

const draftMark = ".draft-";

/** Makes, finds and deletes the files of releases. */
export interface ReleaseFiles {
	exist(releaseId: string): Promise<boolean>;
	/**
	 * Puts a build into the folder of a release, whole or not at all. The build stays as it is: a site shares its bytes, because
	 * nobody writes to it; an app gets its own, because it may. `onFolder` is told of the folder
	 * that becomes the release's.
	 */
	store(releaseId: string, plan: Plan, buildDir: string, signal: AbortSignal, onFolder?: (draft: string) => void): Promise<CopyResult>;
	remove(releaseId: string): Promise<void>;
	/** Removes what interrupted copies left behind. */
	removeDrafts(): Promise<void>;
	/** Ids of the releases that have files here. */
	list(): Promise<string[]>;
}

/** `appOwner`: the user apps run as, null for the platform's own. */
export function openReleaseFiles(folders: ReleaseFolders, appOwner: { uid: number; gid: number } | null): ReleaseFiles {
	return {
		exist: (releaseId) => exists(folders.of(releaseId).root),
		async store(releaseId, plan, buildDir, signal, onFolder) {
			const draft = join(folders.releases, `${releaseId}${draftMark}${randomBytes(4).toString("hex")}`);
			await mkdir(draft, { mode: 0o711 });
			onFolder?.(draft);
			try {
				const copied =
					plan.kind === "static"
						? await copyTree({ from: join(buildDir, "site"), to: join(draft, "site"), how: "link", symlinks: "resolve", signal })
						: await copyTree({
								from: join(buildDir, "app"),
								to: join(draft, "app"),
								how: "copy",
								symlinks: "keep",
								owner: appOwner,
								signal,
							});
				await rename(draft, folders.of(releaseId).root);
				return copied;
			} catch (error) {
				await rm(draft, { recursive: true, force: true });
				throw error;
			}
		},
		remove: (releaseId) => rm(folders.of(releaseId).root, { recursive: true, force: true }),
		async removeDrafts() {
			for (const name of await readdir(folders.releases))
				if (name.includes(draftMark)) await rm(join(folders.releases, name), { recursive: true, force: true });
		},
		async list() {
			return (await readdir(folders.releases)).filter((name) => !name.includes(draftMark));
		},
	};
}

function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
