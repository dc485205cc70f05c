import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSandbox, type SandboxOptions } from "#server/exec/open-sandbox.ts";
import { probeSandbox } from "#server/exec/probe.ts";
import { limits } from "./start-sandbox.ts";

const root = process.getuid?.() === 0;
let home: string;
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "quayside-open-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const open = (changes: Partial<SandboxOptions> = {}) =>
	openSandbox({ home, isolation: "bubblewrap", nodePath: process.execPath, extraCaFile: null, log: { info() {}, warn() {} }, ...changes });
const command = (argv: string[]) => ({
	mark: "open",
	argv,
	cwd: "/",
	mounts: [],
	env: {},
	network: { mode: "none" as const },
	limits,
	signal: new AbortController().signal,
});

test("opening it twice on one home is harmless, and leaves the secret files of the home alone", async () => {
	await writeFile(join(home, "secret"), "x", { mode: 0o600 });
	expect((await open()).problem).toBeNull();
	const sandbox = await open();
	expect(sandbox.problem).toBeNull();
	expect((await stat(join(home, "secret"))).mode & 0o777).toBe(0o600);
	expect((await stat(home)).mode & 0o777).toBe(root ? 0o701 : 0o700);
	expect(await readdir(join(home, "sandbox", "runs"))).toEqual([]);
	expect((await sandbox.run(command(["true"]))).exitCode).toBe(0);
});

test("a missing bubblewrap is said in plain words, and every run is refused with them", async () => {
	const { host } = await open();
	expect(await probeSandbox({ ...host, bwrap: "/nowhere/bwrap" })).toBe("bubblewrap (bwrap) is not installed");
});

test("a bubblewrap that the machine forbids is explained", async () => {
	const { host } = await open();
	const fake = join(home, "bwrap");
	const says = async (text: string) => {
		await writeFile(fake, `#!/bin/sh\necho "${text}" >&2\nexit 1\n`);
		await chmod(fake, 0o755);
		return probeSandbox({ ...host, bwrap: fake });
	};
	expect(await says("bwrap: No permissions to create new namespace, likely because the kernel does not allow")).toContain(
		"does not let ordinary programs make namespaces",
	);
	expect(await says("bwrap: setting up uid map: Permission denied")).toContain("does not let ordinary programs make namespaces");
	expect(await says("bwrap: Can't mount proc on /newroot/proc: Operation not permitted")).toContain("/proc");
	expect(await says("bwrap: Unknown option --json-status-fd")).toBe("the installed bubblewrap is too old");
	expect(await says("bwrap: something nobody has seen")).toBe("bwrap: something nobody has seen");
});

test("a mount that does not exist is the platform's failure, not the command's", async () => {
	const sandbox = await open();
	const mounts = [{ host: join(home, "missing"), inside: "/workspace", writable: false }];
	await expect(sandbox.run({ ...command(["true"]), mounts })).rejects.toMatchObject({
		code: "sandbox_unavailable",
		detail: expect.stringContaining("missing"),
	});
	expect(await readdir(join(home, "sandbox", "runs"))).toEqual([]);
});

test("certificates of the operator are added to the system's", async () => {
	const extraCaFile = join(home, "extra.pem");
	await writeFile(extraCaFile, "-----BEGIN CERTIFICATE-----\nextra\n-----END CERTIFICATE-----\n", { mode: 0o600 });
	const sandbox = await open({ extraCaFile });
	let text = "";
	const { exitCode } = await sandbox.run({
		...command(["/bin/sh", "-c", 'cat "$NODE_EXTRA_CA_CERTS"; grep -c BEGIN "$SSL_CERT_FILE"']),
		onOutput: (chunk) => {
			text += chunk;
		},
	});
	expect(exitCode).toBe(0);
	expect(text).toMatch(/^-----BEGIN CERTIFICATE-----\nextra\n-----END CERTIFICATE-----\n\d+\n$/);
});

test.runIf(root)("a Node in a folder that only root may enter is copied to where the sandbox reaches it", async () => {
	const locked = join(home, "locked");
	await mkdir(locked, { mode: 0o700 });
	const { copyFile } = await import("node:fs/promises");
	await copyFile(process.execPath, join(locked, "node"));
	const sandbox = await open({ nodePath: join(locked, "node") });
	expect(sandbox.problem).toBeNull();
	expect(sandbox.host.node.startsWith(join(home, "sandbox", "node-"))).toBe(true);
});

test.runIf(root)("a home below a folder that only root may enter is said", async () => {
	const locked = join(home, "locked");
	await mkdir(join(locked, "home"), { recursive: true });
	await chmod(locked, 0o700);
	const sandbox = await open({ home: join(locked, "home") });
	expect(sandbox.problem).toContain(`cannot enter ${locked}`);
	await expect(sandbox.run(command(["true"]))).rejects.toMatchObject({
		code: "sandbox_unavailable",
		message: expect.stringContaining(locked),
	});
});

test.runIf(root)("prepareWritable gives away a folder and what it holds, but follows no link", async () => {
	const sandbox = await open();
	const [dir, outside] = [join(home, "given"), join(home, "outside")];
	await writeFile(outside, "platform");
	await mkdir(join(dir, "deep"), { recursive: true });
	await symlink(outside, join(dir, "deep", "link"));
	await chown(join(dir, "deep"), 0, 0);
	await sandbox.prepareWritable(dir);
	const { uid } = sandbox.host.user ?? { uid: 0 };
	expect(uid).not.toBe(0);
	expect((await stat(dir)).uid).toBe(uid);
	expect((await stat(join(dir, "deep"))).uid).toBe(uid);
	expect((await stat(outside)).uid).toBe(0);
});
