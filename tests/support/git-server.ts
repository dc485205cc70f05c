import { spawn } from "node:child_process";
import { access, appendFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";

export interface GitServerOptions {
	/** Names of fixture projects to serve, each as `<name>.git` with one commit on `main`. */
	fixtures?: readonly string[];
	/** When set, every request must carry it as the password of basic authentication. */
	token?: string;
	/** Answers a request instead of git when it returns true: redirects, stalls, odd status codes. */
	intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface GitServer {
	/** Port on 127.0.0.1. */
	port: number;
	/** Address of a repository, such as `http://127.0.0.1:4711/express.git`. */
	url(name: string): string;
	/** Host folder of the bare repository, for what a test wants to break. */
	bare(name: string): string;
	/** Serves a new repository with these files; answers the id of its one commit. */
	add(name: string, files: Readonly<Record<string, string>>): Promise<string>;
	/** Serves the folder of a repository of this machine with its branches, or a plain folder as one commit. */
	addFolder(name: string, folder: string): Promise<void>;
	/** Adds a commit with these files to `branch`, which is made from `main` when it is new; answers the commit's id. */
	commit(name: string, files: Readonly<Record<string, string>>, branch?: string): Promise<string>;
	/** Adds a submodule at `path` to a repository; answers the id of the new commit on `main`. */
	link(name: string, path: string, submodule: { url: string | null; commit: string }): Promise<string>;
	/** Serves a repository without any commit. */
	addEmpty(name: string): Promise<void>;
	/** Takes pushes to a repository from whoever gets past the token. */
	allowPush(name: string): Promise<void>;
	stop(): Promise<void>;
}

/** Folder of a fixture project in this repository. */
export function fixtureDir(name: string): string {
	return fileURLToPath(new URL(`../fixtures/projects/${name}`, import.meta.url));
}

/** A real git server on loopback: `git http-backend` behind node http on a free port, serving bare repositories made on the spot. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
	const root = await mkdtemp(join(tmpdir(), "quayside-git-"));
	const bare = (name: string) => join(root, "bare", `${name}.git`);
	const work = (name: string) => join(root, "work", name);
	await mkdir(join(root, "bare"), { recursive: true });

	const addEmpty = async (name: string) => {
		await git(root, "init", "--quiet", "--bare", "--initial-branch=main", bare(name));
		await git(bare(name), "config", "uploadpack.allowFilter", "true");
	};
	const publish = async (name: string) => {
		await addEmpty(name);
		await git(work(name), "init", "--quiet", "--initial-branch=main");
		await git(work(name), "remote", "add", "origin", bare(name));
		return commitAll(work(name), "main", `Add ${name}`);
	};
	const add = async (name: string, files: Readonly<Record<string, string>>) => {
		await write(work(name), files);
		return publish(name);
	};
	const commit = async (name: string, files: Readonly<Record<string, string>>, branch = "main") => {
		const known = await git(work(name), "branch", "--list", branch);
		await git(work(name), "checkout", "--quiet", ...(known === "" ? ["-b", branch, "main"] : [branch]));
		await write(work(name), files);
		return commitAll(work(name), branch, `Change ${Object.keys(files).join(", ")}`);
	};

	const link = async (name: string, path: string, { url, commit: id }: { url: string | null; commit: string }) => {
		const text = url === null ? "# none\n" : `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`;
		await appendFile(join(work(name), ".gitmodules"), text);
		await git(work(name), "add", ".gitmodules");
		await git(work(name), "update-index", "--add", "--cacheinfo", `160000,${id},${path}`);
		await git(work(name), "commit", "--quiet", "--message", `Link ${path}`);
		await git(work(name), "push", "--quiet", "--force", "origin", "main");
		return git(work(name), "rev-parse", "HEAD");
	};

	const addFolder = async (name: string, folder: string) => {
		const isRepository = await access(join(folder, ".git")).then(
			() => true,
			() => false,
		);
		if (isRepository) {
			await git(root, "clone", "--quiet", "--bare", folder, bare(name));
			return;
		}
		const filter = (path: string) => !/\/(node_modules|dist)(\/|$)/.test(path.slice(folder.length));
		await cp(folder, work(name), { recursive: true, filter });
		await publish(name);
	};
	for (const fixture of options.fixtures ?? []) await addFolder(fixture, fixtureDir(fixture));

	const server = createServer((request, response) => {
		if (options.intercept?.(request, response)) return;
		if (options.token && !carries(request, options.token)) {
			response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("Authentication required\n");
			return;
		}
		backend(request, response, join(root, "bare"));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;

	return {
		port,
		url: (name) => `http://127.0.0.1:${port}/${name}.git`,
		bare,
		add,
		commit,
		link,
		addEmpty,
		addFolder,
		async allowPush(name) {
			await git(bare(name), "config", "http.receivepack", "true");
		},
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
			await rm(root, { recursive: true, force: true });
		},
	};
}

const gitEnv = {
	GIT_CONFIG_NOSYSTEM: "1",
	GIT_CONFIG_GLOBAL: "/dev/null",
	GIT_AUTHOR_NAME: "Fixture",
	GIT_AUTHOR_EMAIL: "fixture@example.com",
	GIT_COMMITTER_NAME: "Fixture",
	GIT_COMMITTER_EMAIL: "fixture@example.com",
};

async function git(cwd: string, ...args: string[]): Promise<string> {
	const { stdout } = await execa("git", args, { cwd, env: gitEnv });
	return stdout;
}

async function write(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
	for (const [path, text] of Object.entries(files)) {
		const file = join(dir, path);
		await mkdir(join(file, ".."), { recursive: true });
		await writeFile(file, text);
	}
}

async function commitAll(dir: string, branch: string, message: string): Promise<string> {
	await git(dir, "add", "--all", "--force");
	await git(dir, "commit", "--quiet", "--message", message);
	await git(dir, "push", "--quiet", "--force", "origin", branch);
	return git(dir, "rev-parse", "HEAD");
}

function carries(request: IncomingMessage, token: string): boolean {
	const [scheme, encoded] = (request.headers.authorization ?? "").split(" ");
	return (
		scheme?.toLowerCase() === "basic" &&
		Buffer.from(encoded ?? "", "base64")
			.toString()
			.split(":")[1] === token
	);
}

/** One request as CGI: git reads it from the environment and standard input, and answers headers, a blank line and a body. */
function backend(request: IncomingMessage, response: ServerResponse, projectRoot: string): void {
	const url = new URL(request.url ?? "/", "http://localhost");
	const child = spawn("git", ["http-backend"], {
		env: {
			PATH: process.env.PATH,
			NODE_ENV: "test",
			...gitEnv,
			GIT_PROJECT_ROOT: projectRoot,
			GIT_HTTP_EXPORT_ALL: "1",
			PATH_INFO: decodeURIComponent(url.pathname),
			QUERY_STRING: url.search.slice(1),
			REQUEST_METHOD: request.method,
			CONTENT_TYPE: request.headers["content-type"] ?? "",
			...(request.headers["content-length"] ? { CONTENT_LENGTH: request.headers["content-length"] } : {}),
			...(request.headers["content-encoding"] ? { HTTP_CONTENT_ENCODING: request.headers["content-encoding"] } : {}),
			...(request.headers["git-protocol"] ? { GIT_PROTOCOL: String(request.headers["git-protocol"]) } : {}),
			REMOTE_ADDR: "127.0.0.1",
		},
		stdio: ["pipe", "pipe", "ignore"],
	});
	request.pipe(child.stdin);
	child.stdin.on("error", () => request.resume());
	response.on("close", () => child.kill());
	let head = Buffer.alloc(0);
	const readHead = (chunk: Buffer) => {
		head = Buffer.concat([head, chunk]);
		const end = head.indexOf("\r\n\r\n");
		if (end < 0) return;
		child.stdout.off("data", readHead);
		const headers = head.subarray(0, end).toString("latin1").split("\r\n");
		for (const header of headers) {
			const colon = header.indexOf(":");
			const name = header.slice(0, colon);
			const value = header.slice(colon + 1).trim();
			if (name.toLowerCase() === "status") response.statusCode = Number.parseInt(value, 10);
			else response.setHeader(name, value);
		}
		response.write(head.subarray(end + 4));
		child.stdout.pipe(response);
	};
	child.stdout.on("data", readHead);
	child.on("error", () => response.destroy());
	child.on("close", () => response.end());
}
