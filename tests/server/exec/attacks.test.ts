import { randomUUID } from "node:crypto";
import { access, copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformUsers, type RunChanges, startSandbox, type TestSandbox } from "./start-sandbox.ts";

const egress = { mode: "egress" as const, policy: { allowPrivate: false, allowPrivateHosts: [] } };
const hasPerl = await access("/usr/bin/perl").then(
	() => true,
	() => false,
);

/** What the attacks of tests/fixtures/attacks are able to do: each prints REACHED for what it must not be able to. */
describe.each(platformUsers)("the platform runs as %s", (user) => {
	let sandbox: TestSandbox;
	let folders = 0;
	beforeAll(async () => {
		sandbox = await startSandbox(user);
		expect(sandbox.problem).toBeNull();
	});
	afterAll(() => sandbox.stop());

	/** A workspace of its own with an attack in it and what it is told. */
	async function place(attack: string, told: Readonly<Record<string, unknown>> = {}): Promise<RunChanges> {
		folders += 1;
		const host = join(sandbox.home, `tenant-${folders}`);
		await sandbox.prepare(host);
		await copyFile(fileURLToPath(new URL(`../../fixtures/attacks/${attack}`, import.meta.url)), join(host, "attack.mjs"));
		for (const [name, value] of Object.entries(told)) await writeFile(join(host, name), JSON.stringify(value));
		return { mounts: [{ host, inside: "/workspace", writable: true }], network: egress, limits: { timeoutMs: 60_000 } };
	}
	const attackWith = async (attack: string, told: Readonly<Record<string, unknown>>) => {
		const ran = await sandbox.run(["/run/quayside/node", "attack.mjs"], await place(attack, told));
		expect(ran.stderr).toBe("");
		return { ...ran, reached: ran.stdout.split("\n").filter((line) => line.startsWith("REACHED")) };
	};

	test("files of the platform, of the machine and of another tenant can be neither read nor written nor linked", async () => {
		const other = join(sandbox.home, "other-tenant");
		await sandbox.prepare(other);
		for (const name of ["secret", "other-tenant/.env"]) await writeFile(join(sandbox.home, name), "not yours");
		const own = ["", "secret", "sandbox", "sandbox/runs", "other-tenant", "other-tenant/.env"].map((name) => join(sandbox.home, name));
		const machine = [
			"/root",
			"/etc/shadow",
			"/etc/hostname",
			"/etc/machine-id",
			"/var/lib",
			"/var/run/docker.sock",
			"/sys/fs/cgroup",
			"/boot",
		];
		const { reached, stdout } = await attackWith("files/attack.mjs", { "targets.json": [...own, ...machine, process.cwd(), "/home"] });
		expect(stdout).toContain("tried everything");
		// Its own home is there, with nothing of anybody else's in it; and in its own /tmp it may use any name.
		const harmless = /^REACHED (?:(?:list|symlink) \/home|(?:write|remove) \/tmp\/.+)$/;
		expect(reached.filter((line) => !harmless.test(line))).toEqual([]);
		expect(await readFile(join(sandbox.home, "secret"), "utf8")).toBe("not yours");
		expect((await readdir(sandbox.home)).filter((name) => name === "attacked")).toEqual([]);
	});

	test("this machine, its services, private networks and metadata are reached neither straight nor through the proxy", async () => {
		const says = randomUUID();
		const loopback = await listen("0.0.0.0", says);
		const others = await Promise.all(["::", join(sandbox.home, "app.sock"), `\0quayside-${says}`].map((at) => listen(at, says)));
		const { port } = loopback.address() as AddressInfo;
		const machine = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
		try {
			const { reached, stdout, result } = await attackWith("network/attack.mjs", {
				"targets.json": { port, says, sockets: [join(sandbox.home, "app.sock"), `@quayside-${says}`], more: machine },
			});
			expect(stdout).toContain("tried everything");
			expect(reached).toEqual([]);
			expect(result.refused).toContain(`127.0.0.1:${port}`);
			expect(result.refused).toContain("169.254.169.254:80");
		} finally {
			await Promise.all([loopback, ...others].map((victim) => new Promise((resolve) => victim.close(resolve))));
		}
	});

	test("a build and an app of somebody else, running at the same time, can be neither seen nor disturbed", async () => {
		const secret = `secret-${randomUUID()}`;
		const script = `echo "$SECRET" > /tmp/mine; echo "$SECRET" > /dev/shm/mine; echo ready; sleep 3; cat /tmp/mine; echo undisturbed`;
		const victim = sandbox.start(["/bin/sh", "-c", script, secret], { env: { SECRET: secret } });
		await victim.said("ready");
		const pids = await processesWith(secret);
		expect(pids.length).toBeGreaterThan(0);
		const { reached, stdout } = await attackWith("neighbours/attack.mjs", { "victim.json": { secret, hostPids: pids } });
		expect(stdout).toContain("tried everything");
		expect(reached).toEqual([]);
		expect((await victim.done).stdout).toBe(`ready\n${secret}\nundisturbed\n`);
	});

	test.skipIf(!hasPerl || process.arch !== "x64")("system calls that no project needs are refused (needs perl and x86_64)", async () => {
		const changes = await place("kernel/attack.pl");
		const { stdout, stderr } = await sandbox.run(["/usr/bin/perl", "/workspace/attack.mjs"], { ...changes, network: { mode: "none" } });
		expect(stderr).toBe("");
		expect(stdout).toBe("an ordinary socket works\ntried everything\n");
	});

	test("setuid programs give nothing, and none can be made", async () => {
		const script =
			"cp /bin/sh own && chmod 6755 own && ./own -p -c 'id -u' ; su -c id root </dev/null; mount -t tmpfs x /tmp; mknod d c 1 3; true";
		const { stdout } = await sandbox.run(script, await place("kernel/attack.pl"));
		expect(stdout.trim()).toBe("1000");
	});

	test("what spins on all cores, forks daemons and ignores TERM runs behind the platform and is gone at the deadline", async () => {
		const script = `trap '' TERM; for i in 1 2 3 4; do (setsid sh -c 'trap "" TERM HUP; while :; do :; done' &); done; cut -d' ' -f19 /proc/self/stat; nice; sleep 60`;
		const { result, stdout } = await sandbox.run(script, { limits: { timeoutMs: 1_500 }, killAfterMs: 300 });
		expect(result).toMatchObject({ reason: "timeout", proof: { left: [] } });
		expect(result.proof.stopped).toBeGreaterThanOrEqual(5);
		expect(Number(stdout.split("\n")[0])).toBeGreaterThan(0);
	});
});

async function listen(at: string, says: string): Promise<Server> {
	const server = createServer((_incoming, answer) => answer.end(says));
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once("error", reject);
	if (at.includes("/") || at.startsWith("\0")) server.listen(at, resolve);
	else server.listen({ port: 0, host: at, ipv6Only: at === "::" }, resolve);
	await promise;
	return server;
}

/** Pids of this machine whose command line holds the text. */
async function processesWith(text: string): Promise<number[]> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")));
	return pids.filter((_pid, index) => lines[index]?.includes(text)).map(Number);
}
