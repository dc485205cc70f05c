/** True for an error that means there is no space left for what was to be written, thrown by Node or told by a command. */
export function isDiskFull(error: unknown): boolean {
	const { code, stderr } = error as { code?: unknown; stderr?: unknown };
	return (
		code === "ENOSPC" || code === "EDQUOT" || (typeof stderr === "string" && /No space left on device|Disk quota exceeded/.test(stderr))
	);
}
