import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Longest path of a Unix socket that works everywhere, with room to spare (sun_path is 104 bytes on some systems). */
const maxSocketPathBytes = 99;

export interface ReleaseFolder {
	root: string;
	/** Files of a static release. */
	site: string;
	/** Files of a process release: the app's own copy, which it may write to. */
	app: string;
	/** Scratch space of each start of the app. */
	runs: string;
	/** What the app and its runner said; `log.1` is the part before. */
	log: string;
	/** Who runs the release: pid and start time of its runner. */
	state: string;
	/** Where visitors' connections go. */
	appSocket: string;
	/** Where the platform talks to the runner. */
	controlSocket: string;
}

/** Paths of everything a node keeps about its releases. */
export interface ReleaseFolders {
	/** Parent of all releases. */
	readonly releases: string;
	/** Where Node keeps the runners' code, ready to run. */
	readonly codeCache: string;
	of(releaseId: string): ReleaseFolder;
}

/** Makes the folders, with nobody else allowed in where sockets lie. */
export async function openReleaseFolders(home: string): Promise<ReleaseFolders> {
	const releases = join(home, "releases");
	const sockets = socketFolder(home);
	await mkdir(releases, { recursive: true, mode: 0o711 });
	await mkdir(sockets, { recursive: true, mode: 0o700 });
	const made = await lstat(sockets);
	if (!made.isDirectory() || made.uid !== process.getuid?.() || (made.mode & 0o077) !== 0)
		throw new Error(`${sockets} belongs to somebody else or is open to others; remove it`);
	return {
		releases,
		codeCache: join(home, "cache", "runner"),
		of(releaseId) {
			const root = join(releases, releaseId);
			return {
				root,
				site: join(root, "site"),
				app: join(root, "app"),
				runs: join(root, "runs"),
				log: join(root, "log"),
				state: join(root, "runner.json"),
				appSocket: join(sockets, `${releaseId}.app`),
				controlSocket: join(sockets, `${releaseId}.ctl`),
			};
		},
	};
}

/** `<home>/run`, or a short folder that follows from the home where that would be too long for a socket. */
function socketFolder(home: string): string {
	const near = join(home, "run");
	const longest = Buffer.byteLength(join(near, `${"0".repeat(26)}.app.new`));
	if (longest <= maxSocketPathBytes) return near;
	return `/tmp/quayside-${process.getuid?.() ?? 0}-${createHash("sha256").update(home).digest("hex").slice(0, 16)}`;
}
