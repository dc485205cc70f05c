import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findGroups, openGroup, ownGroups } from "#server/exec/groups.ts";

const groups = await findGroups();

it("finds its own groups in both versions, also from inside a container", () => {
	const one =
		"33 32 0:29 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n34 32 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct";
	expect(ownGroups(one, "4:memory:/service\n2:cpu,cpuacct:/\n0::/")).toEqual({
		memory: "/sys/fs/cgroup/memory/service",
		cpu: "/sys/fs/cgroup/cpu",
	});
	const two = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
	expect(ownGroups(two, "0::/system.slice/quayside.service/platform")).toEqual({
		unified: "/sys/fs/cgroup/system.slice/quayside.service/platform",
	});
	const contained = "700 699 0:29 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";
	expect(ownGroups(contained, "4:memory:/docker/abc")).toEqual({ memory: "/sys/fs/cgroup/memory" });
	expect(ownGroups("", "")).toEqual({});
});

it("answers none where there are none", async () => {
	expect(await findGroups("/nowhere")).toBeNull();
	expect(await openGroup(null, "0", { memoryMb: 64, processes: 8 }, 1)).toBeNull();
});

it.skipIf(groups === null)(
	"bounds what is put into a group, and leaves no group behind (needs control groups that can be made)",
	async () => {
		const id = randomBytes(8).toString("hex");
		const group = await openGroup(groups, id, { memoryMb: 64, processes: 8 }, 1 / 2);
		const child = spawn("sleep", ["60"], { stdio: "ignore" });
		const exited = once(child, "exit");
		const parents = [groups?.memory, groups?.pids, groups?.cpu].filter((parent) => typeof parent === "string");
		try {
			await group?.add(child.pid ?? 0);
			for (const parent of parents)
				expect((await readFile(join(parent, `quayside-${id}`, "cgroup.procs"), "utf8")).trim()).toBe(String(child.pid));
			expect(await group?.ranOutOfMemory()).toBe(false);
		} finally {
			child.kill("SIGKILL");
			await exited;
			await group?.close();
		}
		for (const parent of parents) await expect(access(join(parent, `quayside-${id}`))).rejects.toMatchObject({ code: "ENOENT" });
	},
);
