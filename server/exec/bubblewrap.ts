import { join } from "node:path";
import { type Command, filterFd } from "./command.ts";
import { endingNode, files, inside, markVariable, runVariable, type SandboxHost } from "./layout.ts";
import type { Limits, Mount } from "./sandbox.ts";
import { syscallFilter } from "./syscall-filter.ts";

/** Files of `/etc` that programs need and that say nothing about the machine. */
const sharedEtc = [
	"/etc/alternatives",
	"/etc/ca-certificates",
	"/etc/ca-certificates.conf",
	"/etc/ld.so.cache",
	"/etc/ld.so.conf",
	"/etc/ld.so.conf.d",
	"/etc/localtime",
	"/etc/mime.types",
	"/etc/pki/ca-trust",
	"/etc/pki/tls/certs",
	"/etc/ssl/cert.pem",
	"/etc/ssl/certs",
	"/etc/ssl/openssl.cnf",
] as const;

/**
 * Settings without which languages of the system do not start, or lack their extensions: Debian keeps them out of `/usr`. Named one
 * by one, because beside them lie some with passwords (php-fpm's pools, Maven's settings.xml).
 */
const languageEtc = [
	...Array.from({ length: 23 }, (_, index) => `/etc/java-${index + 8}-openjdk`),
	...["7.4", "8.0", "8.1", "8.2", "8.3", "8.4", "8.5", "8.6"].flatMap((version) => [
		`/etc/php/${version}/cli`,
		`/etc/php/${version}/mods-available`,
	]),
	"/etc/maven/m2.conf",
	"/etc/maven/logging",
];

/** Inside, everybody is this user; outside it is `SandboxHost.user` or the platform's own. */
const innerId = "1000";
/** Processes of the sandbox itself: bubblewrap, and the threads of the first program. */
const ownProcesses = 24;
const sharedMemoryMb = 256;
const openFiles = 65_536;

export interface Confinement {
	mark: string;
	/** Tells runs with the same mark apart. */
	id: string;
	mounts: readonly Mount[];
	limits: Pick<Limits, "memoryMb" | "processes" | "fileMb">;
	/** Host folder of the egress socket; null for no network. */
	egressDir: string | null;
}

/** Builds the bubblewrap command that starts `init.mjs` confined. Options travel by pipe, so that `ps` shows none of them. */
export function bubblewrapCommand(host: SandboxHost, run: Confinement): Command {
	return {
		file: host.bwrap,
		args: [
			"--args",
			"3",
			"--setenv",
			markVariable,
			run.mark,
			"--setenv",
			runVariable,
			run.id,
			"--",
			...limited(host, run.limits),
			inside.node,
			...endingNode,
			inside.init,
		],
		env: {},
		user: host.user,
		options: Buffer.from(
			options(host, run)
				.map((option) => `${option}\0`)
				.join(""),
		),
		filter: host.filtersCalls ? syscallFilter() : null,
	};
}

function options(host: SandboxHost, run: Confinement): string[] {
	const memory = String(run.limits.memoryMb * 1024 * 1024);
	const shared = String(Math.min(run.limits.memoryMb, sharedMemoryMb) * 1024 * 1024);
	const at = (name: string) => join(host.folder, name);
	return [
		...["--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
		...(host.disableUserns ? ["--disable-userns"] : []),
		...["--uid", innerId, "--gid", innerId, "--hostname", "quayside", "--cap-drop", "ALL"],
		...(host.filtersCalls ? ["--seccomp", String(filterFd)] : []),
		...["--die-with-parent", "--new-session", "--clearenv", "--json-status-fd", "5"],
		...["--ro-bind", "/usr", "/usr"],
		...host.roots.flatMap(({ path, linkTo }) => (linkTo === null ? ["--ro-bind", path, path] : ["--symlink", linkTo, path])),
		...["--proc", "/proc", "--dev", "/dev", "--size", shared, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"],
		...["--size", memory, "--perms", "1777", "--tmpfs", inside.tmp, "--size", memory, "--tmpfs", inside.home],
		...["--dir", "/var", "--symlink", "../tmp", "/var/tmp", "--dir", "/etc", "--dir", "/run/quayside"],
		...[...sharedEtc, ...languageEtc].flatMap((path) => ["--ro-bind-try", path, path]),
		...["passwd", "group", "hosts", "nsswitch.conf"].flatMap((name) => ["--ro-bind", at(name), `/etc/${name}`]),
		...["--ro-bind", host.node, inside.node, "--ro-bind", at(files.init), inside.init, "--ro-bind", at(files.connect), inside.connect],
		...(host.extraCa ? ["--ro-bind", at(files.extraCa), inside.extraCa, "--ro-bind", at(files.caBundle), inside.caBundle] : []),
		...(run.egressDir ? ["--ro-bind", run.egressDir, inside.egress] : []),
		...run.mounts.flatMap((mount) => [mount.writable ? "--bind" : "--ro-bind", mount.host, mount.inside]),
		...["--remount-ro", "/", "--chdir", "/"],
	];
}

/** The kernel counts the processes of a user namespace by itself, so one run's bound does not touch another's. */
function limited(host: SandboxHost, limits: Confinement["limits"]): string[] {
	if (!host.prlimit) return [];
	const processes = Math.min(limits.processes + ownProcesses, host.hardLimits.processes);
	const bytes = limits.fileMb * 1024 * 1024;
	const open = Math.min(openFiles, host.hardLimits.files);
	return [host.prlimit, `--nproc=${processes}`, `--fsize=${bytes}`, `--nofile=${open}`, "--core=0", "--"];
}
