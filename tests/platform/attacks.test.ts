import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { deploy, getPreview } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

const attackOf = (name: string) => readFile(fileURLToPath(new URL(`../fixtures/attacks/${name}/attack.mjs`, import.meta.url)), "utf8");
const victimSays = "only the platform's own machine says this";
const secretOfVictim = "the neighbour's own secret 5b1e";

let platform: Platform;
let git: GitServer;
const victimServer = createServer((_incoming, answer) => answer.end(victimSays));
const ended = new Map<string, DeploymentView>();
const answers: { status: number; body: string }[] = [];

/** An app whose build is this script; when it runs it does the same again, and serves what that printed. */
const app = (build: string, files: Readonly<Record<string, string>> = {}) => ({
	"package.json": JSON.stringify({
		name: "attacker",
		version: "1.0.0",
		scripts: { postinstall: "node postinstall.mjs", build: "node build.mjs", start: "node server.mjs" },
	}),
	"package-lock.json": JSON.stringify({
		name: "attacker",
		version: "1.0.0",
		lockfileVersion: 3,
		packages: { "": { name: "attacker", version: "1.0.0", hasInstallScript: true } },
	}),
	"postinstall.mjs": "",
	"build.mjs": build,
	"server.mjs": `import { execFile } from "node:child_process";
import { createServer } from "node:http";
execFile(process.execPath, ["build.mjs"], (_error, said) => createServer((_request, answer) => answer.end(said)).listen(process.env.PORT));`,
	...files,
});

/** One neighbour whose app runs all the time, and attackers that are built and run beside it, all at once. */
beforeAll(async () => {
	git = await startGitServer({ fixtures: ["plain-http"] });
	platform = await startPlatform({ env: { QUAYSIDE_BUILDS: "4" } });
	await new Promise<void>((resolve) => victimServer.listen(0, "127.0.0.1", resolve));
	const { port } = victimServer.address() as AddressInfo;
	await set("plain-http", "NEIGHBOUR_SECRET", secretOfVictim);
	const neighbour = await deploy(platform, git.url("plain-http"));
	ended.set("neighbour", neighbour);
	const paths = ["", "secret", "postgres", "releases", "builds", "caches", "workspaces"].map((name) => join(platform.home, name));
	const targets = JSON.stringify([...paths, "/root", "/etc/shadow", "/var/lib", process.cwd()]);
	const home = `import * as fs from "node:fs"; fs.writeFileSync(process.env.HOME + "/.bashrc", "attacked"); console.log("HOME is " + process.env.HOME);`;
	await Promise.all([
		git.add("thief", app(await attackOf("files"), { "targets.json": targets, "postinstall.mjs": home })),
		git.add("caller", {
			...app(await attackOf("network")),
			"targets.json": JSON.stringify({ port, says: victimSays, sockets: ["/run/postgresql/.s.PGSQL.5432"], more: [] }),
		}),
		git.add(
			"flood",
			app(`import { writeSync } from "node:fs"; const line = "x".repeat(1 << 20) + "\\n"; writeSync(1, "the beginning\\n");
for (let n = 0; n < 500; n++) { let at = 0; const bytes = Buffer.from(line); while (at < bytes.length) try { at += writeSync(1, bytes, at); } catch {} }`),
		),
		git.add(
			"bomb",
			app(`import { spawn } from "node:child_process"; console.log("bomb");
const bomb = "trap '' TERM; bomb() { bomb | bomb & }; bomb; while :; do sleep 1; done";
spawn("sh", ["-c", bomb], { detached: true, stdio: "ignore" }).unref(); await new Promise((resolve) => setTimeout(resolve, 3000)); process.exit(3);`),
		),
		git.add(
			"poisoner",
			app(`import * as fs from "node:fs"; const cache = process.env.npm_config_cache;
fs.mkdirSync(cache, { recursive: true }); fs.writeFileSync(cache + "/poison-4711", "poison"); console.log("poisoned " + cache);`),
		),
	]);
	let watching = true;
	const watch = (async () => {
		while (watching) answers.push(await getPreview(neighbour.previewUrl ?? "").catch((error) => ({ status: 0, body: String(error) })));
	})();
	const attackers = ["thief", "caller", "flood", "bomb", "poisoner"];
	await Promise.all(attackers.map(async (name) => ended.set(name, await deploy(platform, git.url(name), { withinMs: 240_000 }))));
	watching = false;
	await watch;
}, 300_000);
afterAll(async () => {
	victimServer.close();
	await platform?.stop();
	await git?.stop();
});

async function set(slug: string, name: string, value: string): Promise<void> {
	await platform.fetch(`/api/projects/${slug}/env`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ name, value, secret: true }),
	});
}

async function logOf(name: string): Promise<string> {
	return (await platform.fetch(`/api/deployments/${ended.get(name)?.id}/log?format=text`)).text();
}

/** What the attacker's app serves. */
const appOf = (name: string) => getPreview(ended.get(name)?.previewUrl ?? "");

const reached = (log: string) => log.split("\n").filter((line) => line.startsWith("REACHED"));

describe("attackers that are built side by side", () => {
	it("read nothing of the platform's or the machine's; what they put into HOME is gone with the run", async () => {
		expect(ended.get("thief")).toMatchObject({ status: "succeeded" });
		const log = await logOf("thief");
		expect(log).toContain("tried everything");
		expect(log).not.toContain(secretOfVictim);
		// In its own /tmp it may use the names that the platform's home and checkout may have outside.
		expect((await appOf("thief")).body).toContain("tried everything");
		expect(reached(log + (await appOf("thief")).body).filter((line) => !/^REACHED (?:write|remove) \/tmp\//.test(line))).toEqual([]);
		expect(await filesNamed(".bashrc")).toEqual([]);
	});

	it("reach nothing on this machine or in private networks", async () => {
		const [log, { body }] = [await logOf("caller"), await appOf("caller")];
		expect(log).toContain("tried everything");
		expect(body).toContain("tried everything");
		expect(reached(log + body)).toEqual([]);
	});

	it("are ended when they print without end; the log has the beginning and the end", async () => {
		expect(ended.get("flood")).toMatchObject({ status: "failed", error: { code: "output_limit" } });
		const log = await logOf("flood");
		expect(log).toContain("the beginning\n");
		expect(log).toMatch(/… \[\d+ more characters\]/);
		expect(log).toMatch(/left out; the end:\]/);
		expect(log.length).toBeLessThan(2_000_000);
	});

	it("are ended with all they forked", async () => {
		expect(ended.get("bomb")).toMatchObject({ status: "failed" });
		expect(["build_failed", "process_limit", "out_of_memory"]).toContain(ended.get("bomb")?.error?.code);
		expect(await processesOf("bomb() {")).toBe(0);
	});

	it("change no cache but their own project's", { timeout: 120_000 }, async () => {
		expect(await logOf("poisoner")).toContain("poisoned ");
		const poisoned = await filesNamed("poison-4711");
		expect(poisoned.length).toBeLessThanOrEqual(1);
		await git.commit("thief", {
			"build.mjs": `import * as fs from "node:fs"; console.log("looking"); const found = fs.readdirSync(process.env.npm_config_cache, { recursive: true }).filter((name) => name.includes("poison"));
if (found.length > 0) console.log("REACHED " + found);`,
		});
		ended.set("thief again", await deploy(platform, git.url("thief")));
		const log = await logOf("thief again");
		expect(log).toContain("looking");
		expect(reached(log)).toEqual([]);
	});

	it("leave the platform and the neighbour's app as they were", async () => {
		expect((await platform.fetch("/api/ready")).status).toBe(200);
		expect(answers.length).toBeGreaterThan(20);
		expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
		expect(await (await platform.fetch(`/api/deployments/${ended.get("neighbour")?.id}`)).json()).toMatchObject({
			deployment: { status: "succeeded" },
		});
	});
});

/** Files of the platform's home with this name; the links that an attacker has left there are not followed. */
async function filesNamed(name: string): Promise<string[]> {
	const { stdout } = await execa("find", [platform.home, "-name", name], { reject: false });
	return stdout.split("\n").filter(Boolean);
}

async function processesOf(text: string): Promise<number> {
	const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
	const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
	return commands.filter((command) => command.includes(text) && command.includes("trap ''")).length;
}
