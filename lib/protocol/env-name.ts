export const envNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const ours: ReadonlySet<string> = new Set(["PORT", "HOST", "PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH", "NODE_OPTIONS"]);

/** Why a variable of a project's environment may not have this name, as the end of a sentence that starts with it; null when it may. */
export function envNameProblem(name: string): string | null {
	if (!envNamePattern.test(name)) return "may have letters, digits and underscores";
	return ours.has(name) ? "is set by Quayside" : null;
}
