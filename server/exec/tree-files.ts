import { access, rename, rm } from "node:fs/promises";
import { execa } from "execa";

/** True when there is something at this path that can be reached. */
export function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}

/** Copies a folder with owners, modes and links as they are; blocks are shared where the file system can. */
export async function copyTree(from: string, to: string, signal: AbortSignal): Promise<void> {
	await execa("cp", ["-a", "--reflink=auto", "--", from, to], { cancelSignal: signal, stdin: "ignore", maxBuffer: 64 * 1024 });
}

/**
 * Moves a finished folder to where it is looked for. When another attempt at the same thing was faster, its result stays:
 * both were made from the same record.
 */
export async function moveIntoPlace(from: string, to: string): Promise<void> {
	try {
		await rename(from, to);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
		await rm(from, { recursive: true, force: true });
	}
}
