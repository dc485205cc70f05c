import { openWorkspace, type Workspace } from "../source/workspace.ts";

/** The app's files in a cloned repository; null when it is not on this node (any more). */
export async function openFiles(sourceDir: string | null, directory: string): Promise<Workspace | null> {
	return sourceDir === null ? null : openWorkspace(sourceDir, directory).catch(() => null);
}
