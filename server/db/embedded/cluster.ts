import { access, chown, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { AppError } from "#lib/errors.ts";
import { databaseDiskFull } from "../broken.ts";
import type { Binaries } from "./binaries.ts";
import { type Folders, withSecretFile } from "./folders.ts";
import type { RunAs } from "./run-as.ts";

export const databaseUser = "quayside";
export const databaseName = "postgres";

export interface ClusterOptions {
	folders: Folders;
	binaries: Binaries;
	user: RunAs | null;
	password: string;
	/** False skips flushing to the disk; for tests. */
	isDurable: boolean;
}

/** Creates the data folder once. It gets its name only when it is complete, so an interrupted start leaves nothing behind. */
export async function createCluster(options: ClusterOptions): Promise<void> {
	const { folders, user, password } = options;
	if (await exists(join(folders.data, "PG_VERSION"))) return;
	await removeDrafts(folders);
	const draft = `${folders.data}.new-${process.pid}`;
	await mkdir(draft, { mode: 0o700 });
	if (user) await chown(draft, user.uid, user.gid);
	const passwordFile = join(folders.root, `password.new-${process.pid}`);
	await withSecretFile(passwordFile, `${password}\n`, user, () => initdb(options, draft, passwordFile));
	await rename(draft, folders.data);
}

async function initdb({ binaries, user, isDurable }: ClusterOptions, data: string, passwordFile: string): Promise<void> {
	const access = [`--username=${databaseUser}`, `--pwfile=${passwordFile}`, "--auth=scram-sha-256"];
	// The builtin provider sorts the same on every machine, whatever libc or ICU it has.
	const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
	const args = [`--pgdata=${data}`, ...access, ...locale, "--no-instructions", ...(isDurable ? [] : ["--no-sync"])];
	const result = await execa(binaries.initdb, args, {
		...user,
		cwd: "/",
		env: { LC_ALL: "C" },
		extendEnv: false,
		reject: false,
		timeout: 120_000,
	});
	if (result.exitCode !== 0) throw initFailure(result.stderr || result.shortMessage || "");
}

/** The plain error for what Postgres said when it could not go on. */
export function initFailure(said: string): AppError {
	if (/No space left on device|Disk quota exceeded/.test(said)) return databaseDiskFull({ detail: said });
	return new AppError("database_unavailable", {
		message: "The database could not be started.",
		action: "Look into postgres/server.log in Quayside's home for the reason.",
		detail: said.slice(-2000),
	});
}

async function removeDrafts(folders: Folders): Promise<void> {
	const names = await readdir(folders.root);
	const drafts = names.filter((name) => name.startsWith("data.new-") || name.startsWith("password.new-"));
	await Promise.all(drafts.map((name) => rm(join(folders.root, name), { recursive: true, force: true })));
}

async function exists(path: string): Promise<boolean> {
	return access(path).then(
		() => true,
		() => false,
	);
}
