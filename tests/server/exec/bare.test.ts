import { readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformUsers, startSandbox, type TestSandbox } from "./start-sandbox.ts";

describe.each(platformUsers)("without isolation, the platform runs as %s", (user) => {
	let sandbox: TestSandbox;
	beforeAll(async () => {
		sandbox = await startSandbox(user, "none");
	});
	afterAll(() => sandbox.stop());

	test("places inside a sandbox lead to the real ones", async () => {
		await writeFile(join(sandbox.workspace, "file"), "content\n");
		const { stdout, result } = await sandbox.run(
			["/bin/sh", "-c", 'pwd; cat "$1" "$FILE"; touch "$HOME/x" made', "sh", "/workspace/file"],
			{
				env: { FILE: "/workspace/file", PATH: "/workspace/bin:/usr/bin:/bin" },
			},
		);
		expect(stdout).toBe(`${sandbox.workspace}\ncontent\ncontent\n`);
		expect(result).toMatchObject({ reason: "exited", exitCode: 0, proof: { left: [] } });
		expect((await stat(join(sandbox.workspace, "made"))).uid).not.toBe(0);
		expect(await readdir(join(sandbox.home, "sandbox", "runs"))).toEqual([]);
	});

	test("the environment is the run's own and foreign code is not root", async () => {
		const { stdout } = await sandbox.run("id -u; env", { env: { MINE: "1" } });
		expect(Number(stdout.split("\n")[0])).not.toBe(0);
		expect(stdout).toContain("MINE=1\n");
		expect(stdout).not.toMatch(/^(VITEST|NODE_CHANNEL_FD|npm_)/m);
	});

	test("no open file of the platform's is handed on", async () => {
		expect((await sandbox.run("ls /proc/$$/fd; true")).stdout).toBe("0\n1\n2\n");
	});

	test("abort ends the tree, daemons too", async () => {
		const script = `trap '' TERM; (setsid sh -c 'trap "" TERM; echo one; while :; do sleep 0.1; done' &); setsid env -i sh -c 'trap "" TERM; echo two; while :; do sleep 0.1; done' & echo ready; while :; do sleep 0.1; done`;
		const running = sandbox.start(script, { killAfterMs: 300 });
		for (const text of ["one", "two", "ready"]) await running.said(text);
		running.abort();
		const { result } = await running.done;
		expect(result).toMatchObject({ reason: "aborted", proof: { left: [] } });
		expect(result.proof.stopped).toBeGreaterThanOrEqual(3);
	});

	test("a command that ends takes its daemons with it", async () => {
		const running = sandbox.start("setsid sleep 300 >/dev/null 2>&1 & echo done");
		const { result } = await running.done;
		expect(result).toMatchObject({ reason: "exited", exitCode: 0, proof: { left: [] } });
		expect(await sandbox.endMarked(running.mark)).toMatchObject({ stopped: 0, left: [] });
	});

	test("endMarked finds what a killed platform left behind", async () => {
		const first = await startSandbox(user, "none");
		const running = first.start("echo ready; while :; do sleep 0.1; done");
		await running.said("ready");
		first.process.kill("SIGKILL");
		const proof = await sandbox.endMarked(running.mark);
		expect(proof.left).toEqual([]);
		expect(proof.stopped).toBeGreaterThanOrEqual(1);
		await first.stop();
	});

	test("tools that honour the proxy are kept out of private addresses", async () => {
		const server = createServer((_incoming, answer) => answer.end("host"));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		const script = `curl -s -m 5 --noproxy "" http://127.0.0.1:${port}/`;
		const network = (...allowPrivateHosts: string[]) => ({ mode: "egress" as const, policy: { allowPrivate: false, allowPrivateHosts } });
		const denied = await sandbox.run(script, { network: network() });
		const allowed = await sandbox.run(script, { network: network("127.0.0.1") });
		await new Promise((resolve) => server.close(resolve));
		expect(denied.result.refused).toEqual([`127.0.0.1:${port}`]);
		expect(allowed.stdout).toBe("host");
	});

	test("too many processes end it, too much memory does", async () => {
		const many = await sandbox.run("for i in 1 2 3 4 5 6 7 8 9; do sleep 20 & done; wait", { limits: { processes: 5 } });
		expect(many.result).toMatchObject({ reason: "processes", proof: { left: [] } });
		const hog = ["/run/quayside/node", "-e", "globalThis.b = Buffer.alloc(300e6, 1); setInterval(() => {}, 1000)"];
		const much = await sandbox.run(hog, { limits: { memoryMb: 200 } });
		expect(much.result).toMatchObject({ reason: "memory", proof: { left: [] } });
	});
});
