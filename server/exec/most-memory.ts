import { totalmem } from "node:os";

/** As much as a project's settings may say. */
const mostMb = 65_536;

/** What one build may be given at most, in MB: three quarters of this machine's memory, so that the rest goes on. */
export function mostBuildMemoryMb(): number {
	const bytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
	return Math.min(mostMb, Math.floor((bytes / 1024 / 1024) * 0.75));
}
