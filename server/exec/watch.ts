import type { Launch } from "./launch.ts";
import { defaultDiskMb } from "./sandbox.ts";
import type { Tree } from "./tree.ts";
import { watchDisk } from "./watch-disk.ts";

export interface Watch {
	/** Highest memory seen, in MB. */
	peakMemoryMb(): number;
	stop(): void;
}

export interface WatchOptions {
	/** How often the tree and the disk are looked at, in ms. */
	everyMs?: number | undefined;
	/** How often what it wrote is measured even when the disk has not lost space, in ms. */
	measureEveryMs?: number | undefined;
	/** Free space that must stay on the disk; by default a part of it. */
	reserveBytes?: number | undefined;
}

/** What a run used more of than it may. */
export type Excess = "memory" | "processes" | "disk" | "disk_full";

const defaultEveryMs = 250;
const defaultMeasureEveryMs = 3_000;
/** Looking may take one part of this many of the time. */
const share = 20;

/** Looks at a tree and at what it writes again and again and says when it uses more than it may. */
export function watchRun(
	tree: Tree,
	{ limits, mounts }: Pick<Launch, "limits" | "mounts">,
	onExceeded: (what: Excess) => void,
	{ everyMs = defaultEveryMs, measureEveryMs = defaultMeasureEveryMs, reserveBytes }: WatchOptions = {},
): Watch {
	const folders = mounts.filter(({ writable }) => writable).map(({ host }) => host);
	const disk =
		folders.length === 0
			? null
			: watchDisk(
					tree,
					{ folders, diskMb: limits.diskMb ?? defaultDiskMb, reserveBytes },
					(what) => onExceeded(what === "limit" ? "disk" : "disk_full"),
					{ everyMs, measureEveryMs },
				);
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
			disk?.stop();
		},
	};
}
