// npm run verify: everything that stands before a release, from a fresh clone. Ends with "N passed, N failed, N skipped".
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildWebIfChanged } from "./build-web.mjs";
import { installDependencies } from "./dependencies.mjs";
import { installLanguages } from "./language-packages.mjs";
import { main, run, seconds } from "./run.mjs";
import { findProgram, installPackage } from "./system-packages.mjs";

const began = Date.now();
/** Debian packages of the proxies that stand before the server in tests/network. The -bin packages bring no service. */
const proxies = {
	nginx: "nginx",
	haproxy: "haproxy",
	squid: "squid",
	varnish: "varnishd",
	"apache2-bin": "apache2",
	"tinyproxy-bin": "tinyproxy",
	caddy: "caddy",
};
const counts = { passed: 0, failed: 0, skipped: 0 };
/** Lines for people: what failed outside a test, and what was skipped and why. */
const failures = [];
const skips = [];
/** The Node that runs the tests. */
let node = process.execPath;

await main(async () => {
	await installDependencies();
	await requireProgram("bubblewrap", ["bwrap"], "tests of confined builds are skipped");
	await requireProgram("git", ["git"], "tests that clone fail");
	await requireProgram("git-lfs", ["git-lfs"], "tests of Git LFS are skipped");
	await requireProgram("openssh-server", ["sshd"], "tests of deploy keys are skipped");
	await installLanguages();
	for (const [name, program] of Object.entries(proxies)) await requireProgram(name, [program], "tests of networks with it are skipped");
	const chromium = await requireProgram("chromium", ["chromium", "chromium-browser", "google-chrome"], "browser tests are skipped");

	await step("check", () => run(process.execPath, ["scripts/check.mjs"]));
	const built = await step("build", () => buildWebIfChanged().then(() => 0));

	const folder = await mkdtemp(path.join(tmpdir(), "quayside-verify-"));
	try {
		node = await nodeForEveryone(folder);
		await runTests(
			"test",
			["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=./scripts/vitest-counts.mjs"],
			path.join(folder, "vitest.json"),
		);
		if (!built) failures.push("test:e2e: not run, because the build failed");
		else if (!chromium) skip("all of tests/e2e", "no Chromium is installed");
		else
			for (const { project, workers } of [
				{ project: "together", workers: 2 },
				{ project: "timed", workers: 1 },
			])
				await runTests(
					`test:e2e, ${project}`,
					[
						"node_modules/@playwright/test/cli.js",
						"test",
						`--project=${project}`,
						`--workers=${workers}`,
						"--reporter=list,./scripts/playwright-counts.mjs",
					],
					path.join(folder, `playwright-${project}.json`),
				);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	summarise();
});

async function requireProgram(name, programs, otherwise) {
	const found = (await findProgram(...programs)) ?? ((await installPackage(name)) ? await findProgram(...programs) : null);
	if (!found) console.log(`${name} is not installed and could not be: ${otherwise}.`);
	return found;
}

/** A step that is no test counts only when it fails. */
async function step(name, work) {
	console.log(`\n── ${name}`);
	const code = await work().catch((error) => {
		console.error(error.message);
		return 1;
	});
	if (code !== 0) fail(name);
	return code === 0;
}

/** Both runners write `{passed, failed, skipped: [{name, reason}]}` to the file; a runner that wrote nothing has failed. */
async function runTests(name, args, file) {
	console.log(`\n── ${name}`);
	const code = await run(node, args, { env: { CI: "true", NODE_ENV: "test", QUAYSIDE_TEST_COUNTS: file } });
	const report = await readFile(file, "utf8").then(JSON.parse, () => null);
	counts.passed += report?.passed ?? 0;
	counts.failed += report?.failed ?? 0;
	for (const { name: test, reason } of report?.skipped ?? []) skip(test, reason);
	if (code !== 0 && !report?.failed) fail(`${name} ended with code ${code}`);
}

/** Tests that root starts also run as other users, who may not reach a Node in root's own home: they get a copy of it. */
async function nodeForEveryone(folder) {
	if (process.getuid?.() !== 0 || (await everyoneReaches(await realpath(process.execPath)))) return process.execPath;
	const copy = path.join(folder, "bin", "node");
	await chmod(folder, 0o755);
	await mkdir(path.dirname(copy));
	await copyFile(process.execPath, copy);
	process.env.PATH = `${path.dirname(copy)}${path.delimiter}${process.env.PATH ?? ""}`;
	return copy;
}

async function everyoneReaches(file) {
	for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
		if (((await stat(folder)).mode & 0o001) === 0) return false;
		if (folder === path.dirname(folder)) return true;
	}
}

function fail(name) {
	counts.failed += 1;
	failures.push(name);
}

function skip(name, reason) {
	counts.skipped += 1;
	skips.push(`${name}: ${reason}`);
}

function summarise() {
	if (skips.length > 0) console.log(`\nSkipped:\n${skips.map((line) => `  ${line}`).join("\n")}`);
	if (failures.length > 0) console.log(`\nFailed outside a test:\n${failures.map((line) => `  ${line}`).join("\n")}`);
	console.log(`\nTook ${seconds(began)}.`);
	console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
	if (counts.failed > 0) process.exitCode = 1;
}
