import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { platformUsers, startSandbox, type TestSandbox } from "./start-sandbox.ts";

const egress = (...allowPrivateHosts: string[]) => ({ mode: "egress" as const, policy: { allowPrivate: false, allowPrivateHosts } });
const registry = "registry.npmjs.org";

describe.each(platformUsers)("the platform runs as %s", (user) => {
	let sandbox: TestSandbox;
	beforeAll(async () => {
		sandbox = await startSandbox(user);
		expect(sandbox.problem).toBeNull();
	});
	afterAll(() => sandbox.stop());

	test("exit codes and signals are told as a shell tells them", async () => {
		const of = async (script: string) => (await sandbox.run(script)).result;
		expect(await of("exit 0")).toMatchObject({ reason: "exited", exitCode: 0, signal: null, refused: [], proof: { left: [] } });
		expect(await of("exit 7")).toMatchObject({ exitCode: 7, signal: null });
		expect(await of("kill -SEGV $$")).toMatchObject({ reason: "exited", exitCode: 139, signal: "SIGSEGV" });
		expect((await sandbox.run(["no-such-program"])).result).toMatchObject({ reason: "exited", exitCode: 127 });
		expect((await sandbox.run(["no-such-program"])).stderr).toBe("quayside: no-such-program: command not found\n");
		expect((await sandbox.run("true", { cwd: "/nowhere" })).stderr).toBe("quayside: the folder /nowhere does not exist\n");
	});

	test("output arrives in order and whole, input is given", async () => {
		const { stdout, stderr, result } = await sandbox.run(
			"i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; cat; echo problem >&2",
			{
				stdin: "from outside",
			},
		);
		expect(stdout).toBe(`${Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join("")}from outside`);
		expect(stderr).toBe("problem\n");
		expect(result.exitCode).toBe(0);
		expect((await sandbox.run("cat; echo end")).stdout).toBe("end\n");
	});

	test("arguments are handed over as they are", async () => {
		const odd = ["a b", "$(id)", "`id`", "; id", "--", "-n", "*", "", "ü\n'\""];
		const { stdout } = await sandbox.run(["/run/quayside/node", "-p", "JSON.stringify(process.argv.slice(1))", "--", ...odd]);
		expect(JSON.parse(stdout)).toEqual(odd);
	});

	test("the environment holds what the run says and nothing of the platform's", async () => {
		const { stdout } = await sandbox.run("env", {
			env: { MINE: "1", PATH: "/usr/bin:/bin", NODE_OPTIONS: "--no-such-option", LD_PRELOAD: "" },
		});
		const names = stdout.split("\n").map((line) => line.split("=")[0]);
		const certificates = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT"];
		const expected = ["MINE", "PATH", "NODE_OPTIONS", "LD_PRELOAD", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TMPDIR", "PWD"];
		expect(names.filter((name) => name && !expected.includes(name) && !certificates.includes(name))).toEqual([]);
		expect(stdout).toContain("MINE=1\n");
		expect(stdout).toContain("PATH=/usr/bin:/bin\n");
		expect(stdout).not.toContain("QUAYSIDE");
	});

	test("foreign code is nobody in particular, without any privilege", async () => {
		const { stdout } = await sandbox.run(
			"id -u; grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs):' /proc/self/status; unshare -Ur true 2>/dev/null && echo userns; echo x > file",
		);
		expect(stdout.split("\n").slice(0, -1)).toEqual([
			"1000",
			...["CapPrm", "CapEff", "CapBnd", "CapAmb"].map((name) => `${name}:\t0000000000000000`),
			"NoNewPrivs:\t1",
		]);
		expect((await stat(join(sandbox.workspace, "file"))).uid).not.toBe(0);
	});

	test("no open file of the platform's is handed on", async () => {
		expect((await sandbox.run("ls /proc/$$/fd; true")).stdout).toBe("0\n1\n2\n");
	});

	test("nothing of the machine's files is there but the system's programs", async () => {
		await writeFile(join(sandbox.home, "secret"), "the platform's");
		const here = process.cwd();
		const places = ["/root", "/home/app/..", sandbox.home, here, "/etc/shadow", "/var/lib", "/opt", "/sys", "/run/quayside/egress"];
		const { stdout } = await sandbox.run(["/bin/sh", "-c", 'for p in "$@"; do ls -A "$p" 2>/dev/null; done', "sh", ...places]);
		expect(stdout).toBe("app\n");
		expect((await sandbox.run("ls -A / | tr '\\n' ' '; ls -A /home/app /tmp")).stdout).toMatch(
			/^bin dev etc home (lib\w* )+proc run sbin tmp usr var workspace \/home\/app:\n\n\/tmp:\n$/,
		);
	});

	test("only the workspace, the home and the temporary folders can be written", async () => {
		const { stdout } = await sandbox.run(
			"for d in / /usr /etc /dev /run /run/quayside /workspace /tmp /var/tmp /home/app /dev/shm; do touch $d/x 2>/dev/null && echo $d; done",
		);
		expect(stdout.trim().split("\n")).toEqual(["/workspace", "/tmp", "/var/tmp", "/home/app", "/dev/shm"]);
		const mounts = [{ host: sandbox.workspace, inside: "/workspace", writable: false }];
		expect((await sandbox.run("touch y || echo refused", { mounts })).stdout).toBe("refused\n");
	});

	test("other processes cannot be seen, and the command line shows neither environment nor mounts", async () => {
		const running = sandbox.start("echo ready; sleep 20", { env: { API_KEY: "hunter2" } });
		await running.said("ready");
		const { stdout } = await sandbox.run("ls /proc | grep -c '^[0-9]'; cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
		expect(Number(stdout.split("\n")[0])).toBeLessThan(8);
		expect(stdout).not.toContain(running.mark);
		const lines = await Promise.all(
			(await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
		);
		const own = lines.filter((line) => line.includes(running.mark));
		expect(own).toHaveLength(2);
		expect(lines.join("\n")).not.toContain("hunter2");
		expect(own.join("\n")).not.toContain(sandbox.workspace);
		running.abort();
		expect((await running.done).result.reason).toBe("aborted");
	});

	test("a file larger than the bound and a core are not written", async () => {
		const { result, stderr } = await sandbox.run("head -c 9000000 /dev/zero > big", { limits: { fileMb: 8 } });
		expect(result.exitCode).toBe(153);
		expect(stderr).toMatch(/File size limit exceeded|^$/i);
		expect((await sandbox.run("ulimit -c; ulimit -f")).stdout).toMatch(/^0\n\d+\n$/);
	});

	test("without a network there is only the sandbox's own loopback", async () => {
		const server = createServer((_incoming, answer) => answer.end("host"));
		await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
		const { port } = server.address() as AddressInfo;
		const addresses = Object.values(networkInterfaces()).flatMap(
			(list) => list?.filter(({ family }) => family === "IPv4").map(({ address }) => address) ?? [],
		);
		const script = addresses.map((address) => `curl -s -m 2 http://${address}:${port}/ && echo REACHED ${address}`).join("; ");
		const { stdout } = await sandbox.run(`${script}; cat /proc/net/dev | grep -c :; curl -s -m 2 https://${registry}/ && echo REACHED`);
		await new Promise((resolve) => server.close(resolve));
		expect(addresses).toContain("127.0.0.1");
		expect(stdout.trim()).toBe("1");
	});

	test("with egress, private addresses are refused and named, and loopback is the sandbox's own", async () => {
		const server = createServer((_incoming, answer) => answer.end("host"));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		const fetchAll = [`http://127.0.0.1:${port}/`, "http://169.254.169.254/latest/", "https://10.0.0.1/", "http://[::1]:80/"];
		const script = `for u in ${fetchAll.join(" ")}; do curl -s -m 5 --noproxy "" $u; curl -s -m 5 --noproxy '*' $u; done; exit 0`;
		const denied = await sandbox.run(script, { network: egress() });
		expect(denied.stdout).not.toContain("host\n");
		expect(denied.stdout).not.toMatch(/^host$/m);
		expect(denied.stdout).toContain("leads to a private address");
		expect(denied.result.refused).toEqual([`127.0.0.1:${port}`, "169.254.169.254:80", "10.0.0.1:443", "[::1]:80"]);
		const allowed = await sandbox.run(`curl -s -m 5 --noproxy "" http://127.0.0.1:${port}/`, { network: egress("127.0.0.1") });
		await new Promise((resolve) => server.close(resolve));
		expect(allowed).toMatchObject({ stdout: "host", result: { exitCode: 0, refused: [] } });
	});

	test("connect.mjs joins pipes to a host through the proxy", async () => {
		const server = createServer((_incoming, answer) => answer.end("piped"));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		const connect = (host: string) => ["/run/quayside/node", "/run/quayside/connect.mjs", host, String(port)];
		const options = { network: egress("127.0.0.1"), stdin: "GET / HTTP/1.0\r\n\r\n" };
		expect((await sandbox.run(connect("127.0.0.1"), options)).stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*piped$/);
		const refused = await sandbox.run(connect("127.0.0.2"), options);
		await new Promise((resolve) => server.close(resolve));
		expect(refused.result.exitCode).toBe(1);
		expect(refused.stderr).toContain(`quayside: 127.0.0.2:${port}: 127.0.0.2 leads to a private address`);
	});

	test("npm and fetch reach the registry", async () => {
		const env = { npm_config_registry: `https://${registry}/`, npm_config_update_notifier: "false" };
		const installed = await sandbox.run(
			"npm init -y >/dev/null && npm install is-number@7.0.0 --no-audit --no-fund && cat node_modules/is-number/package.json",
			{
				network: egress(registry),
				env,
			},
		);
		expect(installed.stdout).toContain('"version": "7.0.0"');
		expect(installed.result).toMatchObject({ exitCode: 0, refused: [] });
		const fetched = await sandbox.run(
			["/run/quayside/node", "-e", `fetch("https://${registry}/is-number/7.0.0").then((r) => console.log(r.status))`],
			{
				network: egress(registry),
			},
		);
		expect(fetched.stdout).toBe("200\n");
	});
});
