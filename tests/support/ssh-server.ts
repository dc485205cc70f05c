import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import { freePort } from "./platform.ts";

const sshd = "/usr/sbin/sshd";

/** Why there can be no ssh server here; null where there can. */
export const sshProblem: string | null = await access(sshd).then(
	() => null,
	() => "openssh-server is not installed",
);

/** A real sshd of one user on loopback, as an ordinary process with files of its own. */
export interface SshServer {
	port: number;
	/** Address of a bare repository on this machine. */
	url(path: string): string;
	/** "SHA256:…" of the host key it shows now. */
	fingerprint(): Promise<string>;
	/** Lets in whoever holds one of these keys, and nobody else. */
	letIn(...publicKeys: string[]): Promise<void>;
	/** Shows another host key of this kind from now on. */
	changeHostKey(kind?: "ed25519" | "ecdsa"): Promise<void>;
	stop(): Promise<void>;
}

export async function startSshServer(): Promise<SshServer> {
	const root = await mkdtemp(join(tmpdir(), "quayside-sshd-"));
	await chmod(root, 0o755);
	// sshd wants the folder it separates privileges in, wherever it is started.
	if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
	const port = await freePort();
	const at = (name: string) => join(root, name);
	let server: ChildProcess | null = null;

	const end = async () => {
		if (!server || server.exitCode !== null) return;
		const gone = once(server, "exit");
		server.kill("SIGTERM");
		await gone;
	};
	const start = async () => {
		server = spawn(sshd, ["-D", "-e", "-f", at("config")], { stdio: ["ignore", "ignore", "pipe"] });
		const said: string[] = [];
		const lines = createInterface({ input: server.stderr as NodeJS.ReadableStream });
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		lines.on("line", (line) => {
			said.push(line);
			if (line.includes("Server listening on")) resolve();
		});
		server.once("exit", (code) => reject(new Error(`sshd ended with ${code}: ${said.join("\n")}`)));
		await promise;
	};
	const changeHostKey = async (kind: "ed25519" | "ecdsa" = "ed25519") => {
		await end();
		for (const name of ["host_key", "host_key.pub"]) await rm(at(name), { force: true });
		await execa("ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", at("host_key")]);
		await start();
	};

	await writeFile(
		at("config"),
		[
			`ListenAddress 127.0.0.1:${port}`,
			`HostKey ${at("host_key")}`,
			`AuthorizedKeysFile ${at("authorized_keys")}`,
			`PidFile ${at("pid")}`,
			"StrictModes no",
			"UsePAM no",
			"PasswordAuthentication no",
			"KbdInteractiveAuthentication no",
			"PermitRootLogin prohibit-password",
			"",
		].join("\n"),
	);
	await writeFile(at("authorized_keys"), "");
	await changeHostKey();
	return {
		port,
		url: (path) => `ssh://${userInfo().username}@127.0.0.1:${port}${path}`,
		async fingerprint() {
			const { stdout } = await execa("ssh-keygen", ["-l", "-f", at("host_key.pub")]);
			return stdout.split(" ")[1] ?? "";
		},
		letIn: (...publicKeys) => writeFile(at("authorized_keys"), publicKeys.map((key) => `${key}\n`).join("")),
		changeHostKey,
		async stop() {
			await end();
			await rm(root, { recursive: true, force: true });
		},
	};
}
