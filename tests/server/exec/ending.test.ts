import { readdir, readFile, readlink } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformUsers, startSandbox, type TestSandbox } from "./start-sandbox.ts";

/** Processes of this machine that belong to sandboxes with this mark, found without the code under test. */
async function processesMarked(mark: string): Promise<string[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const own = await readlink("/proc/self/ns/pid");
	const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
	const marked = pids.filter((_pid, index) => lines[index]?.includes(mark));
	const spaces = new Set((await Promise.all(marked.map(namespaceOf))).filter((space) => space && space !== own));
	const inside = await Promise.all(pids.map(async (pid) => spaces.has(await namespaceOf(pid))));
	return [...new Set([...marked, ...pids.filter((_pid, index) => inside[index])])];
}
const namespaceOf = (pid: string) => readlink(`/proc/${pid}/ns/pid`).catch(() => "");

/** Five processes that take no notice of TERM, one of them in a session of its own, and one that has left its parent. */
const stubborn = `
trap '' TERM
for i in 1 2 3; do (trap '' TERM; while :; do sleep 0.1; done) & done
setsid sh -c 'trap "" TERM; while :; do sleep 0.1; done' &
(setsid sh -c 'trap "" TERM; while :; do sleep 0.1; done' &)
echo ready
while :; do sleep 0.1; done`;

describe.each(platformUsers)("the platform runs as %s", (user) => {
	let sandbox: TestSandbox;
	beforeAll(async () => {
		sandbox = await startSandbox(user);
		expect(sandbox.problem).toBeNull();
	});
	afterAll(() => sandbox.stop());

	test("abort: what listens to TERM ends by itself", async () => {
		const running = sandbox.start("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
		await running.said("ready");
		running.abort();
		const { result, stdout } = await running.done;
		expect(result).toMatchObject({ reason: "aborted", exitCode: null, proof: { left: [] } });
		expect(result.proof.stopped).toBeGreaterThanOrEqual(1);
		expect(result.proof.durationMs).toBeLessThan(2_000);
		expect(stdout).toContain("bye");
		expect(await processesMarked(running.mark)).toEqual([]);
	});

	test("abort: a tree that ignores TERM is killed, daemons too, and the proof counts them", async () => {
		const running = sandbox.start(stubborn, { killAfterMs: 500 });
		await running.said("ready");
		expect((await processesMarked(running.mark)).length).toBeGreaterThanOrEqual(6 + 3);
		const asked = performance.now();
		running.abort();
		const { result } = await running.done;
		expect(result).toMatchObject({ reason: "aborted", exitCode: null, proof: { left: [] } });
		expect(result.proof.stopped).toBeGreaterThanOrEqual(6);
		expect(result.proof.durationMs).toBeGreaterThanOrEqual(500);
		expect(performance.now() - asked).toBeLessThan(6_000);
		expect(await processesMarked(running.mark)).toEqual([]);
	});

	test("abort: at once, before anything has started", async () => {
		const runs = Array.from({ length: 5 }, () => sandbox.start("sleep 20"));
		for (const running of runs) running.abort();
		for (const running of runs) {
			expect((await running.done).result).toMatchObject({ reason: "aborted", proof: { left: [] } });
			expect(await processesMarked(running.mark)).toEqual([]);
		}
	});

	test("a command that ends leaves no daemon behind", async () => {
		const running = sandbox.start("(setsid sh -c 'trap \"\" TERM HUP; sleep 300' >/dev/null 2>&1 &); sleep 300 & echo done");
		const { result, stdout } = await running.done;
		expect(stdout).toBe("done\n");
		expect(result).toMatchObject({ reason: "exited", exitCode: 0, proof: { left: [] } });
		expect(await processesMarked(running.mark)).toEqual([]);
	});

	test("a command that kills everything it can reach ends itself alone", async () => {
		const other = sandbox.start("echo ready; sleep 0.5; echo still here");
		await other.said("ready");
		expect((await sandbox.run("kill -9 -1; sleep 5")).result).toMatchObject({ reason: "exited", exitCode: 137, proof: { left: [] } });
		expect((await other.done).stdout).toContain("still here");
	});

	test("the deadline ends it", async () => {
		const { result, stdout } = await sandbox.run("echo ready; sleep 300", { limits: { timeoutMs: 2_000 } });
		expect(stdout).toBe("ready\n");
		expect(result).toMatchObject({ reason: "timeout", exitCode: null, proof: { left: [] } });
		expect(result.proof.stopped).toBeGreaterThanOrEqual(1);
	});

	test("a flood of output is cut at the bound and ended", async () => {
		const { result, stdout } = await sandbox.run("yes", { limits: { outputBytes: 100_000 } });
		expect(result).toMatchObject({ reason: "output", proof: { left: [] } });
		expect(stdout.slice(0, 100_000)).toBe("y\n".repeat(50_000));
	});

	test("memory of the whole tree is bounded, not of one process", async () => {
		const hog = (mb: number) => `/run/quayside/node -e "const b=Buffer.alloc(${mb}*1048576,1);setInterval(()=>b[0]++,50)"`;
		const { result } = await sandbox.run(`${hog(150)} & ${hog(150)} & wait`, { limits: { memoryMb: 300 } });
		expect(result).toMatchObject({ reason: "memory", proof: { left: [] } });
		expect(result.peakMemoryMb).toBeGreaterThan(300);
		const modest = '/run/quayside/node -e "const b=Buffer.alloc(100*1048576,1);setTimeout(()=>b[0]++,1500)"';
		const { result: small } = await sandbox.run(modest, { limits: { memoryMb: 400 } });
		expect(small.reason).toBe("exited");
		expect(small.peakMemoryMb).toBeGreaterThan(100);
	});

	test("files in temporary folders count as memory", async () => {
		const fill = "head -c 60000000 /dev/zero > /tmp/a; head -c 60000000 /dev/zero > /home/app/a; sleep 10";
		const { result } = await sandbox.run(fill, { limits: { memoryMb: 100, fileMb: 64 } });
		expect(result).toMatchObject({ reason: "memory", proof: { left: [] } });
	});

	test("a fork bomb stays small and is ended", async () => {
		const running = sandbox.start("echo ready; bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done", {
			limits: { processes: 40, timeoutMs: 3_000 },
			killAfterMs: 200,
		});
		await running.said("ready");
		const { result } = await running.done;
		expect(["timeout", "processes"]).toContain(result.reason);
		expect(result.proof.left).toEqual([]);
		expect(result.proof.stopped).toBeLessThanOrEqual(40 + 24);
		expect(await processesMarked(running.mark)).toEqual([]);
	});

	test("a run that fails to start does not touch another one with the same mark", async () => {
		const mark = `twice-${user}`;
		const running = sandbox.start("echo ready; sleep 1; echo survived", { mark });
		await running.said("ready");
		const mounts = [{ host: "/nowhere/at/all", inside: "/workspace", writable: false }];
		await expect(sandbox.run("true", { mark, mounts })).rejects.toMatchObject({ code: "sandbox_unavailable" });
		const aborted = sandbox.start("sleep 20", { mark });
		aborted.abort();
		expect((await aborted.done).result.reason).toBe("aborted");
		expect((await running.done).stdout).toContain("survived");
	});

	test("many short runs side by side never end each other", async () => {
		const runs = Array.from({ length: 24 }, (_, i) => sandbox.run(`sleep 0.0${i % 7}; echo ${i}`));
		const results = await Promise.all(runs);
		expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, i) => `${i}\n`));
		expect(results.every(({ result }) => result.exitCode === 0 && result.proof.left.length === 0)).toBe(true);
	});

	test("endMarked ends this run and no other", async () => {
		const running = sandbox.start(stubborn);
		await running.said("ready");
		const bystander = sandbox.start("echo ready; sleep 1; echo survived");
		await bystander.said("ready");
		const proof = await sandbox.endMarked(running.mark);
		expect(proof.left).toEqual([]);
		expect(proof.stopped).toBeGreaterThanOrEqual(6);
		expect(await processesMarked(running.mark)).toEqual([]);
		expect((await running.done).result).toMatchObject({ reason: "exited", exitCode: null, signal: "SIGKILL", proof: { left: [] } });
		expect((await bystander.done).stdout).toContain("survived");
		expect(await sandbox.endMarked("a mark nobody carries")).toMatchObject({ stopped: 0, left: [] });
	});

	test("kill -9 of the platform takes its runs along; endMarked by another one proves it", async () => {
		const first = await startSandbox(user);
		const running = first.start(stubborn);
		await running.said("ready");
		first.process.kill("SIGKILL");
		const proof = await sandbox.endMarked(running.mark);
		expect(proof.left).toEqual([]);
		expect(await processesMarked(running.mark)).toEqual([]);
		await first.stop();
	});
});
