import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Reporter } from "#lib/protocol/index.ts";
import { type OpenSandbox, openSandbox } from "#server/exec/open-sandbox.ts";
import type { SshAccess } from "#server/source/known-hosts.ts";

/** A folder for one test file, with a real sandbox that may work in it. */
export interface Scratch {
	dir: string;
	sandbox: OpenSandbox;
	stop(): Promise<void>;
}

export async function openScratch(): Promise<Scratch> {
	const dir = await mkdtemp(join(tmpdir(), "quayside-scratch-"));
	await chmod(dir, 0o755);
	const sandbox = await openSandbox({
		home: join(dir, "home"),
		isolation: "bubblewrap",
		nodePath: process.execPath,
		extraCaFile: process.env.NODE_EXTRA_CA_CERTS ?? null,
		log: { info() {}, warn() {} },
	});
	if (sandbox.problem) throw new Error(`The tests need a working sandbox: ${sandbox.problem}`);
	return { dir, sandbox, stop: () => rm(dir, { recursive: true, force: true }) };
}

/** For a clone that has no key and has met no server. */
export const noSsh: SshAccess = { key: null, knownHosts: [], pin: async () => {} };

/** Keeps everything that is said. */
export interface Heard extends Reporter {
	sentences: string[];
	percents: number[];
	awaited: string[];
	log: string;
}

export function listen(): Heard {
	return {
		sentences: [],
		percents: [],
		awaited: [],
		log: "",
		progress(text, percent) {
			this.sentences.push(text);
			if (typeof percent === "number") this.percents.push(percent);
		},
		awaiting(text) {
			this.awaited.push(text);
		},
		output(chunk) {
			this.log += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
		},
	};
}
