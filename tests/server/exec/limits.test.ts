import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformUsers, type RunChanges, startSandbox, type TestSandbox } from "./start-sandbox.ts";

const node = "/run/quayside/node";

describe.each(platformUsers)("the platform runs as %s", (user) => {
	let sandbox: TestSandbox;
	let folders = 0;
	beforeAll(async () => {
		sandbox = await startSandbox(user);
		expect(sandbox.problem).toBeNull();
	});
	afterAll(() => sandbox.stop());

	/** A folder of the disk for one run. */
	async function openFolder(): Promise<RunChanges> {
		folders += 1;
		const host = `${sandbox.workspace}-${folders}`;
		await sandbox.prepare(host);
		return { mounts: [{ host, inside: "/workspace", writable: true }] };
	}

	test.each([
		["many files", "i=0; while [ $i -lt 20 ]; do head -c 8000000 /dev/zero > f$i; i=$((i+1)); done"],
		["a file that takes space without being written", "i=0; while [ $i -lt 4 ]; do fallocate -l 40M f$i; i=$((i+1)); done"],
		[
			"files that were deleted and are held open",
			'i=3; while [ $i -lt 9 ]; do eval "exec $i>h$i"; rm h$i; head -c 30000000 /dev/zero >&$i; i=$((i+1)); done',
		],
		[
			"files in a folder that it closed to everybody",
			"mkdir -p deep; cd deep; for i in 1 2 3 4; do exec 3>f$i; head -c 30000000 /dev/zero >&3; done; chmod 0 .",
		],
	])("%s: whoever fills the disk is ended, another run goes on", async (_what, script) => {
		const other = sandbox.start("echo ready; sleep 1; head -c 1000000 /dev/zero > /home/app/mine && echo fine", { mounts: [], cwd: "/" });
		const { result } = await sandbox.run(`${script}; sleep 60`, { ...(await openFolder()), limits: { diskMb: 48 } });
		expect(result).toMatchObject({ reason: "disk", exitCode: null, proof: { left: [] } });
		expect((await other.done).stdout).toContain("fine");
	});

	test("what a run may write it can write", async () => {
		const { result } = await sandbox.run("head -c 40000000 /dev/zero > f; sleep 1", { ...(await openFolder()), limits: { diskMb: 64 } });
		expect(result).toMatchObject({ reason: "exited", exitCode: 0 });
	});

	test("of a flood of output the beginning and the end are kept, and what is missing is said", async () => {
		const flood = `let n = 0; for (;;) { let t = ""; for (const end = n + 1000; n < end; n++) t += "line " + n + "\\n"; require("fs").writeSync(1, t); }`;
		const { result, stdout } = await sandbox.run([node, "-e", flood], { limits: { outputBytes: 100_000 } });
		expect(result.reason).toBe("output");
		expect(stdout.slice(0, 100_000)).toMatch(/^line 0\nline 1\n/);
		const [, leftOut = "", tail = ""] = /\n… \[(.*) left out; the end:\]\n([\s\S]*)$/.exec(stdout.slice(100_000)) ?? [];
		expect(leftOut).toMatch(/^\d+(\.\d)? [kM]?B$/);
		expect(tail.length).toBeGreaterThan(100);
		expect(tail.length).toBeLessThanOrEqual(16 * 1024);
		expect(Number(/line (\d+)\n(?:line)?[^\n]*$/.exec(tail)?.[1])).toBeGreaterThan(8_000);
	});

	test("an output of exactly the bound is whole, and nothing is added", async () => {
		const { result, stdout } = await sandbox.run("head -c 100000 /dev/zero | tr '\\0' x", { limits: { outputBytes: 100_000 } });
		expect(result).toMatchObject({ reason: "exited", exitCode: 0 });
		expect(stdout).toBe("x".repeat(100_000));
	});

	test("memory in /dev/shm counts, and so does what every open file of a run holds", async () => {
		const shared = await sandbox.run("head -c 120000000 /dev/zero > /dev/shm/a; sleep 10", { limits: { memoryMb: 100, fileMb: 256 } });
		expect(shared.result).toMatchObject({ reason: "memory", proof: { left: [] } });
		const hog = `const o=[]; try { for(;;) o.push(require("fs").openSync("/dev/null")) } catch (error) { console.log(error.code, o.length) }`;
		const open = await sandbox.run([node, "-e", hog]);
		expect(open.stdout).toMatch(/^EMFILE \d+\n$/);
		await writeFile(join(sandbox.home, "still"), "there are files left for the platform");
	});
});

test("when the machine's free space runs out, who wrote much is ended first, and the others when that does not help", {
	timeout: 90_000,
}, async () => {
	const sandbox = await startSandbox(platformUsers[0], "bubblewrap", { reserveBytes: Number.MAX_SAFE_INTEGER });
	try {
		const { result } = await sandbox.run(`for i in 1 2 3 4 5; do head -c 60000000 /dev/zero > f$i; done; sleep 60`);
		expect(result).toMatchObject({ reason: "disk_full", exitCode: null, proof: { left: [] } });
		expect(result.durationMs).toBeLessThan(60_000);
		const host = `${sandbox.workspace}-small`;
		await sandbox.prepare(host);
		const small = await sandbox.run("echo small > f; echo wrote", { mounts: [{ host, inside: "/workspace", writable: true }] });
		expect(small).toMatchObject({ stdout: "wrote\n", result: { reason: "exited" } });
	} finally {
		await sandbox.stop();
	}
});
