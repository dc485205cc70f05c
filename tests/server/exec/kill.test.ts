import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { endTree } from "#server/exec/kill.ts";
import { readProcess } from "#server/exec/process-table.ts";
import type { Member, Tree } from "#server/exec/tree.ts";

async function sleeper(): Promise<Member> {
	const child = spawn("sleep", ["60"]);
	onTestFinished(() => void child.kill("SIGKILL"));
	await once(child, "spawn");
	const entry = await readProcess(child.pid ?? 0);
	if (!entry) throw new Error("it did not start");
	return { ...entry, platform: false };
}

/** A tree that claims these members for the first looks, and then none. */
function claims(members: Member[], looks: number): Tree {
	let left = looks;
	return {
		members: async () => {
			left -= 1;
			return left >= 0 ? members : [];
		},
		usage: async () => ({ memoryBytes: 0, processes: 0 }),
	};
}

test("a process that has got the pid of an ended one is left alone", async () => {
	const bystander = await sleeper();
	const proof = await endTree(claims([{ ...bystander, startTime: "1" }], 8), 50);
	expect(proof.left).toEqual([]);
	expect(await readProcess(bystander.pid)).toMatchObject({ startTime: bystander.startTime });
});

test("the platform never ends itself", async () => {
	const itself = await readProcess(process.pid);
	if (!itself) throw new Error("no /proc");
	expect(await endTree(claims([{ ...itself, platform: false }], 6), 20)).toMatchObject({ stopped: 1, left: [] });
});

test("what survives is named", async () => {
	const bystander = await sleeper();
	const immortal = { ...bystander, startTime: "1" };
	expect(await endTree(claims([immortal], Number.POSITIVE_INFINITY), 0)).toMatchObject({ stopped: 1, left: [bystander.pid] });
});

test("an empty tree ends at once", async () => {
	expect(await endTree(claims([], 0), 5_000)).toMatchObject({ stopped: 0, left: [] });
});
