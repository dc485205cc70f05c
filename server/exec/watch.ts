import type { Limits } from "./sandbox.ts";
import type { Tree } from "./tree.ts";

export interface Watch {
	/** Highest memory seen, in MB. */
	peakMemoryMb(): number;
	stop(): void;
}

const defaultEveryMs = 250;
/** Looking may take one part of this many of the time. */
const share = 20;

/** Looks at a tree again and again and says when it uses more than it may. */
export function watchTree(
	tree: Tree,
	limits: Pick<Limits, "memoryMb" | "processes">,
	onExceeded: (what: "memory" | "processes") => void,
	everyMs = defaultEveryMs,
): Watch {
	let peakBytes = 0;
	let stopped = false;
	let timer = setTimeout(look, everyMs);

	async function look(): Promise<void> {
		const started = performance.now();
		const { memoryBytes, processes } = await tree.usage();
		if (stopped) return;
		peakBytes = Math.max(peakBytes, memoryBytes);
		if (memoryBytes > limits.memoryMb * 1024 * 1024) return onExceeded("memory");
		if (processes > limits.processes) return onExceeded("processes");
		timer = setTimeout(look, Math.max(everyMs, (performance.now() - started) * share));
	}

	return {
		peakMemoryMb: () => Math.round(peakBytes / (1024 * 1024)),
		stop() {
			stopped = true;
			clearTimeout(timer);
		},
	};
}
