import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secretsInNpmrc } from "#server/secrets/npmrc.ts";
import { type NpmRegistry, startNpmRegistry } from "#tests/support/npm-registry.ts";
import { type BuildChanges, type Builds, openBuilds } from "./builds.ts";

const token = "npm_TESTSECRETq7Wn2mZ4xKp9vR3tY8uL5aB1cD2";
let builds: Builds;
let registry: NpmRegistry;
beforeAll(async () => {
	[builds, registry] = await Promise.all([openBuilds(), startNpmRegistry("@acme/words", "from the private registry", token)]);
});
afterAll(async () => {
	await registry.stop();
	await builds.stop();
});

/** Inside, loopback is the sandbox's own; a registry elsewhere needs no such words. */
const overProxy = { npm_config_noproxy: "", NO_PROXY: "", no_proxy: "" };
const auth = (value: string) => `@acme:registry=${registry.url}\n//${registry.host}/:_authToken=${value}\n`;

function buildWith(files: Readonly<Record<string, string>>, env: Record<string, string>, changes: BuildChanges = {}) {
	return builds.files(
		{
			"package.json": JSON.stringify({ name: "app", version: "1.0.0", private: true, dependencies: { "@acme/words": "1.0.0" } }),
			"build.js": `const fs = require("node:fs"); fs.mkdirSync("dist"); fs.writeFileSync("dist/index.html", require("@acme/words"));
fs.writeFileSync("dist/env.json", JSON.stringify(process.env));`,
			...files,
		},
		{ install: ["npm", "install"], build: ["node", "build.js"] },
		{ env: { ...overProxy, ...env }, registryHosts: [registry.host], ...changes },
	);
}

async function filesWith(folder: string, text: string): Promise<string[]> {
	const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
	const found: string[] = [];
	for (const entry of entries) {
		const path = join(entry.parentPath, entry.name);
		if ((await readFile(path, "latin1")).includes(text)) found.push(path);
	}
	return found;
}

describe("packages of a private registry", () => {
	test("are installed with the repository's .npmrc and a token from a variable", { timeout: 60_000 }, async () => {
		const { outcome, outDir } = await buildWith({ ".npmrc": auth(`\${NPM_TOKEN}`) }, { NPM_TOKEN: token });
		expect(outcome).toMatchObject({ ok: true });
		expect(await readFile(join(outDir, "site/index.html"), "utf8")).toBe("from the private registry");
	});

	test("are installed with the .npmrc of a variable, which is in no file, no output and no later environment", {
		timeout: 60_000,
	}, async () => {
		const { outcome, outDir, heard, sourceDir } = await buildWith({}, { NPM_RC: auth(token) });
		expect(outcome).toMatchObject({ ok: true });
		expect(await readFile(join(outDir, "site/index.html"), "utf8")).toBe("from the private registry");
		expect(await readFile(join(outDir, "site/env.json"), "utf8")).not.toContain("NPM_RC");
		for (const folder of [outDir, sourceDir, join(builds.dir, "caches"), join(builds.dir, "home")])
			expect(await filesWith(folder, token)).toEqual([]);
		expect(heard.log).not.toContain(token);
	});

	test("are not installed without a token, nor from a private address that nobody allowed", { timeout: 60_000 }, async () => {
		const before = registry.refused();
		const { outcome } = await buildWith({ ".npmrc": `@acme:registry=${registry.url}\n` }, {});
		expect(outcome).toMatchObject({ ok: false, failure: { code: "install_failed" } });
		expect(registry.refused()).toBeGreaterThan(before);
		const refused = await buildWith({}, { NPM_RC: auth(token) }, { registryHosts: [] });
		expect(refused.outcome).toMatchObject({ ok: false, failure: { code: "install_failed" } });
	});
});

test("the tokens in an .npmrc are known as secrets, the names of variables are not", () => {
	const text = `registry=https://npm.example.com/\n//npm.example.com/:_authToken=abc123def\n//other/:_authToken=\${NPM_TOKEN}\n_auth = "dXNlcjpwYXNz"\n//third/:_password=cGFzcw==\n`;
	expect(secretsInNpmrc(text)).toEqual(["abc123def", "dXNlcjpwYXNz", "cGFzcw=="]);
});
