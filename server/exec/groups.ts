import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Limits } from "./sandbox.ts";

/**
 * Control groups of the kernel, where this process may make some: hard bounds on a run's memory and processes, and its share
 * of the processor. Plain JSON. Each folder is one in which groups are made; null for what cannot be bounded here.
 */
export interface GroupHost {
	version: 1 | 2;
	memory: string | null;
	pids: string | null;
	cpu: string | null;
}

/** The group of one run. */
export interface RunGroup {
	/** Puts a process into the group; what it starts from then on belongs to it as well. */
	add(pid: number): Promise<void>;
	/** True when the kernel ended a process because the group had no memory left. */
	ranOutOfMemory(): Promise<boolean>;
	/** Removes the group; to be called when nothing of the run is left. */
	close(): Promise<void>;
}

type Controller = "memory" | "pids" | "cpu";

const controllers = ["memory", "pids", "cpu"] as const;
const prefix = "quayside-";
/** With `DelegateSubgroup=` of systemd the service sits in a group of this name, and may make others beside it. */
const ownSubgroup = "platform";
/** The watchdog ends a run that is over its bound in an orderly way; the kernel steps in when that is too slow. */
const memoryRoomMb = 192;
const processRoom = 32;
/** The kernel's usual share is 1024 in version 1 and 100 in version 2. */
const shareOf = { 1: 1024, 2: 100 } as const;

/** Finds out what can be bounded here, once, by making a group and removing it; null for nothing. Removes what a crash left. */
export async function findGroups(proc = "/proc/self"): Promise<GroupHost | null> {
	const [mounts, own] = await Promise.all(["mountinfo", "cgroup"].map((name) => readFile(join(proc, name), "utf8").catch(() => "")));
	const places = ownGroups(mounts ?? "", own ?? "");
	const one: GroupHost = { version: 1, memory: null, pids: null, cpu: null };
	for (const name of controllers) one[name] = await firstUsable(1, name, [places[name]]);
	if (one.memory || one.pids || one.cpu) return one;
	const unified = places.unified;
	if (!unified) return null;
	const candidates = basename(unified) === ownSubgroup ? [dirname(unified), unified] : [unified];
	const two: GroupHost = { version: 2, memory: null, pids: null, cpu: null };
	for (const name of controllers) two[name] = await firstUsable(2, name, candidates);
	return two.memory || two.pids || two.cpu ? two : null;
}

/** What `findGroups` found, for the log. */
export function describeGroups(host: GroupHost | null): string {
	const found = controllers.filter((name) => host?.[name]);
	return found.length === 0 ? "none" : `version ${host?.version}: ${found.join(", ")}`;
}

/**
 * Makes the group of a run. `share` is its part of the processor when others want it too, 1 being the usual one. Answers null
 * where nothing can be bounded.
 */
export async function openGroup(
	host: GroupHost | null,
	id: string,
	limits: Pick<Limits, "memoryMb" | "processes">,
	share: number,
): Promise<RunGroup | null> {
	if (!host) return null;
	const bytes = String((limits.memoryMb + memoryRoomMb) * 1024 * 1024);
	const tasks = String(limits.processes + processRoom);
	const weight = String(Math.max(1, Math.round(shareOf[host.version] * share)));
	const settings: Record<Controller, Record<string, string>> = host.version === 1
		? {
				memory: { "memory.limit_in_bytes": bytes, "memory.memsw.limit_in_bytes": bytes },
				pids: { "pids.max": tasks },
				cpu: { "cpu.shares": weight },
			}
		: {
				memory: { "memory.max": bytes, "memory.swap.max": "0", "memory.oom.group": "0" },
				pids: { "pids.max": tasks },
				cpu: { "cpu.weight": weight },
			};
	const wanted = new Map<string, [file: string, value: string][]>();
	for (const name of controllers) {
		const parent = host[name];
		if (parent) wanted.set(parent, [...(wanted.get(parent) ?? []), ...Object.entries(settings[name])]);
	}
	const folders: string[] = [];
	await Promise.all(
		[...wanted].map(async ([parent, values]) => {
			const folder = join(parent, prefix + id);
			// What is gone or full does not keep a run from being carried out: the watchdog is there as well.
			const made = await mkdir(folder).then(
				() => true,
				() => false,
			);
			if (!made) return;
			folders.push(folder);
			for (const [file, value] of values) await writeFile(join(folder, file), value).catch(() => {});
		}),
	);
	const memory = host.memory && join(host.memory, prefix + id);
	return {
		async add(pid) {
			await Promise.all([...folders].map((folder) => writeFile(join(folder, "cgroup.procs"), String(pid)).catch(() => {})));
		},
		async ranOutOfMemory() {
			if (!memory) return false;
			const file = host.version === 1 ? "memory.oom_control" : "memory.events";
			return /^oom_kill [1-9]/m.test(await readFile(join(memory, file), "utf8").catch(() => ""));
		},
		async close() {
			for (const folder of folders) await rmdir(folder).catch(() => {});
		},
	};
}

/** Host folders of this process's own groups, by controller; `unified` is that of version 2. See cgroups(7). */
export function ownGroups(mountinfo: string, cgroup: string): Partial<Record<Controller | "unified", string>> {
	const found: Partial<Record<Controller | "unified", string>> = {};
	for (const line of mountinfo.split("\n")) {
		const [before = "", after = ""] = line.split(" - ");
		const [, , , root = "", point = ""] = before.split(" ");
		const [type = "", , options = ""] = after.split(" ");
		if (type === "cgroup2") found.unified ??= placeOf(point, root, pathOf(cgroup, ""));
		if (type !== "cgroup") continue;
		for (const name of controllers) if (options.split(",").includes(name)) found[name] ??= placeOf(point, root, pathOf(cgroup, name));
	}
	return found;
}

/** The path after `<id>:<controllers>:` of the line with this controller; version 2 has none. */
function pathOf(cgroup: string, controller: string): string {
	for (const line of cgroup.split("\n")) {
		const [id, names = "", ...path] = line.split(":");
		if (controller === "" ? id === "0" && names === "" : names.split(",").includes(controller)) return path.join(":");
	}
	return "/";
}

/** A container may see the mount from its own group down. */
function placeOf(point: string, root: string, path: string): string {
	if (path === root || path.startsWith(`${root}/`)) return join(point, path.slice(root.length));
	return root === "/" ? join(point, path) : point;
}

const provingFile = { memory: ["memory.limit_in_bytes", "memory.max"], pids: ["pids.max", "pids.max"], cpu: ["cpu.shares", "cpu.weight"] };

async function firstUsable(version: 1 | 2, name: Controller, parents: readonly (string | undefined)[]): Promise<string | null> {
	for (const parent of parents) {
		if (!parent) continue;
		if (version === 2) await writeFile(join(parent, "cgroup.subtree_control"), `+${name}`).catch(() => {});
		await removeEmpty(parent);
		const probe = join(parent, `${prefix}probe-${randomBytes(4).toString("hex")}`);
		if (
			!(await mkdir(probe).then(
				() => true,
				() => false,
			))
		)
			continue;
		const file = join(probe, provingFile[name][version - 1] ?? "");
		// The present value, written back, tells whether it may be written.
		const usable = await readFile(file, "utf8")
			.then((value) => writeFile(file, value.trim()))
			.then(
				() => true,
				() => false,
			);
		await rmdir(probe).catch(() => {});
		if (usable) return parent;
	}
	return null;
}

/** Groups of runs that a crash left; the kernel removes only those in which nothing runs. */
async function removeEmpty(parent: string): Promise<void> {
	for (const name of await readdir(parent).catch(() => []))
		if (/^quayside-[0-9a-f]{16}$/.test(name)) await rmdir(join(parent, name)).catch(() => {});
}
