import { join } from "node:path";
import { type Command, type CommandToRun, type InitSettings, ingressFd, sandboxEnv } from "./command.ts";
import { endingNode, files, inside, markVariable, type SandboxHost } from "./layout.ts";
import type { Mount } from "./sandbox.ts";

/** Where an unconfined run finds what a sandbox would have shown it. */
export interface BarePlaces {
	mounts: readonly Mount[];
	/** Fresh folder on the host that stands for the home and the temporary folder. */
	runDir: string;
}

/** Builds the command that starts `init.mjs` without confinement, with an empty environment and as the unprivileged user. */
export function bareCommand(host: SandboxHost, mark: string): Command {
	return {
		file: host.node,
		args: [...endingNode, join(host.folder, files.init)],
		env: { [markVariable]: mark },
		user: host.user,
		options: null,
		filter: null,
	};
}

/** Settings of an unconfined run: the places inside a sandbox, where they begin an argument or a value, become the real ones. */
export function bareSettings(
	host: SandboxHost,
	run: CommandToRun & { mark: string },
	places: BarePlaces,
	proxy: string | null,
	ingressPort: number | null,
): InitSettings {
	const real = translation(host, places);
	const env = { ...sandboxEnv(host, proxy), TMPDIR: inside.home, ...run.env };
	return {
		argv: run.argv.map(real),
		cwd: real(run.cwd),
		env: {
			...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.split(":").map(real).join(":")])),
			[markVariable]: run.mark,
		},
		egress: null,
		ingress: ingressPort === null ? null : { fd: ingressFd, port: ingressPort },
	};
}

function translation(host: SandboxHost, { mounts, runDir }: BarePlaces): (text: string) => string {
	const pairs: [string, string][] = [
		...mounts.map((mount): [string, string] => [mount.inside, mount.host]),
		[inside.node, host.node],
		[inside.init, join(host.folder, files.init)],
		[inside.connect, join(host.folder, files.connect)],
		[inside.extraCa, join(host.folder, files.extraCa)],
		[inside.caBundle, join(host.folder, files.caBundle)],
		[inside.home, runDir],
	];
	pairs.sort(([a], [b]) => b.length - a.length);
	return (text) => {
		const pair = pairs.find(([from]) => text === from || text.startsWith(`${from}/`));
		return pair ? pair[1] + text.slice(pair[0].length) : text;
	};
}
