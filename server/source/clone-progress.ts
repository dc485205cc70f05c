import type { Reporter } from "../../lib/protocol/index.ts";

const minGapMs = 250;

/** Reads git's `--progress` lines: reports at most four sentences a second, and notices when too much was received. */
export class CloneProgress {
	exceeded = false;
	readonly #reporter: Reporter;
	readonly #maxMb: number;
	#lastAt = Number.NEGATIVE_INFINITY;
	#lastPhase = "";

	constructor(reporter: Reporter, maxMb: number) {
		this.#reporter = reporter;
		this.#maxMb = maxMb;
	}

	/** True when the line was progress, and so is no message for people. */
	read(line: string): boolean {
		const parts = /^(?:remote: )?(?<phase>[A-Z][a-z]+ [a-z]+|Total): +(?:(?<percent>\d+)% \((?<done>\d+)\/(?<total>\d+)\)|\d+)/.exec(
			line,
		)?.groups;
		if (!parts) return /^(?:Cloning into |remote: Total |From |\s+\* )/.test(line);
		const mb = receivedMb(line);
		if (mb > this.#maxMb) this.exceeded = true;
		const phase = /^(?:Enumerating|Counting|Compressing) /.test(parts.phase ?? "") ? "Preparing objects" : (parts.phase ?? "");
		const now = performance.now();
		if (phase === this.#lastPhase && now - this.#lastAt < minGapMs) return true;
		this.#lastPhase = phase;
		this.#lastAt = now;
		this.#report(phase, Number(parts.percent ?? 0), parts.total ?? "", mb);
		return true;
	}

	#report(phase: string, percent: number, total: string, mb: number): void {
		if (phase === "Receiving objects") {
			this.#reporter.progress(`Receiving ${total} objects, ${mb.toFixed(1)} MB`, Math.round(percent * 0.8));
			this.#reporter.awaiting("the repository's objects");
		} else if (phase === "Resolving deltas") {
			this.#reporter.progress(`Unpacking ${total} changes`, Math.round(80 + percent * 0.1));
		} else if (phase === "Preparing objects") {
			this.#reporter.progress("The git server prepares the objects");
			this.#reporter.awaiting("the git server to prepare the objects");
		}
	}
}

function receivedMb(line: string): number {
	const size = /, ([\d.]+) (bytes|KiB|MiB|GiB)/.exec(line);
	const unit = { bytes: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }[size?.[2] ?? "bytes"] ?? 1;
	return (Number(size?.[1] ?? 0) * unit) / 1_000_000;
}
