import { access, chmod, cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findBinaries, type Installation, locateInstallation } from "#server/db/embedded/binaries.ts";

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "quayside-binaries-"));
	await chmod(folder, 0o711);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** An installation as npm leaves it when it runs no scripts: without links. */
async function installWithoutLinks(): Promise<Installation> {
	const { native, version } = await locateInstallation();
	const copy = join(folder, "installed/native");
	await cp(native, copy, { recursive: true, filter: (path) => !/\/(libpq\.so|libpq\.so\.5|libicu\w+\.so(\.60)?)$/.test(path) });
	return { native: copy, version };
}

it("makes the links that npm did not, and uses the installation where it is", async () => {
	const installation = await installWithoutLinks();
	const binaries = await findBinaries(join(folder, "home"), null, installation);
	expect(binaries.postgres).toBe(join(installation.native, "bin/postgres"));
	await access(join(installation.native, "lib/libpq.so.5"));
});

it.runIf(isRoot)("copies the programs out of a checkout that the user of the database cannot enter, once", async () => {
	const installation = await installWithoutLinks();
	await chmod(join(folder, "installed"), 0o700);
	const before = process.umask(0o077);
	try {
		const binaries = await findBinaries(folder, nobody, installation);
		expect(binaries.postgres.startsWith(join(folder, "binaries-"))).toBe(true);
		expect(await findBinaries(folder, nobody, installation)).toEqual(binaries);
	} finally {
		process.umask(before);
	}
	expect((await readdir(folder)).sort()).toEqual([`binaries-${installation.version}`, "installed"]);
});

it("says what to do when the programs do not run here", async () => {
	const installation = await installWithoutLinks();
	await writeFile(join(installation.native, "bin/postgres"), "#!/bin/sh\necho 'made for another machine' >&2\nexit 127\n");
	await expect(findBinaries(folder, null, installation)).rejects.toMatchObject({
		code: "database_unavailable",
		action: expect.stringContaining("DATABASE_URL"),
		detail: "made for another machine",
	});
});
