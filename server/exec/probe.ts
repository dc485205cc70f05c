import { type AppError, isAppError } from "../../lib/errors.ts";
import type { SandboxHost } from "./layout.ts";
import { runToEnd } from "./run.ts";

const probeTimeoutMs = 10_000;

/** What bubblewrap says where it cannot work, and what that means. */
const knownReasons: readonly (readonly [RegExp, string])[] = [
	[/ENOENT/, "bubblewrap (bwrap) is not installed"],
	[/EACCES/, "bubblewrap (bwrap) is there, but may not be run by this user"],
	[
		/No permissions to creat|creating new namespace failed|setting up uid map|Failed to make \/ slave/i,
		"this machine does not let ordinary programs make namespaces (see user.max_user_namespaces, kernel.unprivileged_userns_clone, AppArmor)",
	],
	[/Can't mount proc/i, "this container does not let programs have a /proc of their own (systempaths=unconfined would)"],
	[/Operation not permitted/i, "this machine forbids what bubblewrap needs (a container's seccomp or AppArmor profile, usually)"],
	[/Unknown option/i, "the installed bubblewrap is too old"],
];

/** Starts a tiny command in a real sandbox. Answers null when that works, else why not, in plain words. */
export async function probeSandbox(host: SandboxHost): Promise<string | null> {
	if (process.platform !== "linux") return "bubblewrap needs Linux";
	let said = "";
	try {
		const result = await runToEnd(host, {
			mark: "probe",
			argv: ["/bin/sh", "-c", "exit 42"],
			cwd: "/",
			mounts: [],
			env: {},
			network: { mode: "none" },
			limits: { memoryMb: 512, processes: 64, fileMb: 1, timeoutMs: probeTimeoutMs, outputBytes: 65_536 },
			signal: new AbortController().signal,
			killAfterMs: 100,
			onOutput: (chunk) => {
				said += chunk.toString();
			},
		});
		if (result.exitCode === 42) return null;
		if (result.reason === "timeout") return "a sandbox did not start within ten seconds";
	} catch (error) {
		if (!isAppError(error)) throw error;
		said ||= wordsOf(error);
	}
	return knownReasons.find(([pattern]) => pattern.test(said))?.[1] ?? (said.split("\n", 1)[0] || "a sandbox could not be started");
}

function wordsOf(error: AppError): string {
	return error.detail || error.message;
}
