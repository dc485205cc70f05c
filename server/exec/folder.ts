import { constants } from "node:fs";
import { access, chmod, copyFile, lstat, mkdir, readFile, readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { files, type RootEntry } from "./layout.ts";

const systemAuthorities = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

const synthetic: Readonly<Record<string, string>> = {
	[files.passwd]:
		"root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:1000:1000:app:/home/app:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
	[files.group]: "root:x:0:\napp:x:1000:\nnogroup:x:65534:\n",
	[files.hosts]: "127.0.0.1 localhost quayside\n::1 localhost\n",
	[files.nsswitch]: "passwd: files\ngroup: files\nhosts: files\n",
};

/** Fills the folder with what every sandbox shows of the platform, readable by the sandbox user, writable by nobody else. */
export async function fillFolder(folder: string, extraCaFile: string | null): Promise<void> {
	await mkdir(folder, { recursive: true });
	await chmod(folder, 0o711);
	await rm(join(folder, files.runs), { recursive: true, force: true });
	await mkdir(join(folder, files.runs));
	await chmod(join(folder, files.runs), 0o711);
	const source = fileURLToPath(new URL("inside/", import.meta.url));
	for (const name of [files.init, files.connect]) await place(folder, name, await readFile(join(source, name)));
	for (const [name, text] of Object.entries(synthetic)) await place(folder, name, text);
	if (!extraCaFile) return;
	const extra = await readFile(extraCaFile, "utf8");
	await place(folder, files.extraCa, extra);
	await place(folder, files.caBundle, joined(await systemBundle(), extra));
}

/** A path of this Node binary that the sandbox user can reach: itself, or a copy in the folder. */
export async function reachableNode(folder: string, nodePath: string, other: boolean): Promise<string> {
	const node = await realpath(nodePath);
	if (!other || (await openToOthers(node))) return node;
	const { size, mtimeMs } = await stat(node);
	const copy = join(folder, `node-${size}-${Math.round(mtimeMs)}`);
	const there = await access(copy).then(
		() => true,
		() => false,
	);
	if (there) return copy;
	const early = `${copy}.${process.pid}`;
	await copyFile(node, early, constants.COPYFILE_FICLONE);
	await chmod(early, 0o755);
	await rename(early, copy);
	return copy;
}

/** First folder on the way to a path that other users cannot enter; null when they can reach it. */
export async function closedFolder(path: string): Promise<string | null> {
	for (let folder = path; ; folder = dirname(folder)) {
		const { mode } = await stat(folder);
		if ((mode & 0o001) === 0) return folder;
		if (folder === dirname(folder)) return null;
	}
}

/** How this machine's root folder leads into `/usr`. */
export async function rootEntries(): Promise<RootEntry[]> {
	const entries: RootEntry[] = [];
	for (const path of ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]) {
		const found = await lstat(path).catch(() => null);
		if (found?.isSymbolicLink()) entries.push({ path, linkTo: await readlink(path) });
		else if (found?.isDirectory()) entries.push({ path, linkTo: null });
	}
	return entries;
}

/** First of these programs that exists. */
export async function firstProgram(paths: readonly string[]): Promise<string | null> {
	for (const path of paths) {
		const found = await access(path, constants.X_OK).then(
			() => true,
			() => false,
		);
		if (found) return path;
	}
	return null;
}

async function openToOthers(file: string): Promise<boolean> {
	const { mode } = await stat(file);
	return (mode & 0o005) === 0o005 && (await closedFolder(dirname(file))) === null;
}

/** Renamed into place, so that a sandbox that is just starting never sees half a file. */
async function place(folder: string, name: string, content: string | Buffer): Promise<void> {
	const early = join(folder, `${name}.${process.pid}`);
	await writeFile(early, content);
	await chmod(early, 0o644);
	await rename(early, join(folder, name));
}

async function systemBundle(): Promise<string> {
	for (const path of systemAuthorities) {
		const text = await readFile(path, "utf8").catch(() => "");
		if (text) return text;
	}
	return "";
}

function joined(system: string, extra: string): string {
	return system.includes(extra.trim()) ? system : `${system}\n${extra}`;
}
