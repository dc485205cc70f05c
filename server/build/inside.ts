/** The repository inside the sandbox. */
export const workspace = "/workspace";

/** Where a run finds the project's cache. */
export const insideCache = "/quayside/cache";

/** A folder of the repository inside the sandbox. */
export function insideWorkspace(directory: string): string {
	return directory === "" ? workspace : `${workspace}/${directory}`;
}
