import type { KillProof, Sandbox } from "../exec/sandbox.ts";

export interface ProvenSandbox extends Sandbox {
	/** What all ended runs of this attempt add up to. */
	proof(): KillProof;
	/** True unless every run the attempt has started came back with the proof that nothing of it is left. */
	mayHaveLeft(): boolean;
}

/** The sandbox of one attempt: adds up what was ended, for the proof of a cancel. */
export function provenSandbox(sandbox: Sandbox): ProvenSandbox {
	const total: KillProof = { stopped: 0, durationMs: 0, left: [] };
	let unproven = 0;
	const add = ({ stopped, durationMs, left }: KillProof): void => {
		total.stopped += stopped;
		total.durationMs += durationMs;
		total.left.push(...left);
	};
	return {
		isolation: sandbox.isolation,
		async run(run) {
			unproven++;
			const result = await sandbox.run(run);
			if (result.proof.left.length === 0) unproven--;
			if (result.reason !== "exited") add(result.proof);
			return result;
		},
		async endMarked(mark) {
			const proof = await sandbox.endMarked(mark);
			add(proof);
			return proof;
		},
		prepareWritable: (dir) => sandbox.prepareWritable(dir),
		proof: () => total,
		mayHaveLeft: () => unproven > 0,
	};
}
