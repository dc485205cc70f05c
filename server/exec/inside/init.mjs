/**
 * First program of a run: gives the command its network and starts it. Reads its settings from file descriptor 4:
 * `{argv, cwd, env, egress: {socket, port} | null, ingress: {fd, port} | null}`. Ends as the command ends (128 + n for signal n).
 * Needs nothing but Node: it runs where no other file of the platform is visible.
 */
import { spawn } from "node:child_process";
import { closeSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { constants } from "node:os";

const settings = JSON.parse(readFileSync(4, "utf8"));
closeSync(4);

// The command is told to stop directly; this process stays until it has.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => {});

if (process.platform === "linux") {
	closeInherited();
	try {
		// When memory runs out on the machine, the kernel takes a run before anything of the platform.
		writeFileSync("/proc/self/oom_score_adj", "900");
	} catch {}
}

if (settings.egress) await listen({ host: "127.0.0.1", port: settings.egress.port }, () => [{ path: settings.egress.socket }]);
if (settings.ingress) {
	const { fd, port } = settings.ingress;
	// An app that listens on "localhost" may have got either of the two.
	await listen({ fd }, () => [
		{ host: "127.0.0.1", port },
		{ host: "::1", port },
	]);
}

if (!isFolder(settings.cwd)) stop(`the folder ${settings.cwd} does not exist`, 127);
const [program, ...args] = settings.argv;
// A group of its own, so that a command that signals its group does not reach this process.
const child = spawn(program, args, { cwd: settings.cwd, env: settings.env, stdio: "inherit", detached: true });
child.on("error", (error) => {
	if (error.code === "ENOENT") stop(`${program}: command not found`, 127);
	stop(`${program}: cannot be started (${error.code})`, 126);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

/** Whatever the platform was itself started with (a terminal's pipes, an editor's sockets) is not for the command. */
function closeInherited() {
	const closeOnExec = 0o2000000;
	for (const name of readdirSync("/proc/self/fdinfo")) {
		const fd = Number(name);
		if (fd <= 2 || fd === settings.ingress?.fd) continue;
		try {
			const [, flags = ""] = /^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
			// What Node has opened by itself is closed when the command starts.
			if (flags && !(Number.parseInt(flags, 8) & closeOnExec)) closeSync(fd);
		} catch {}
	}
}

function listen(on, targets) {
	const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => relay(socket, targets()));
	server.on("error", (error) => stop(`the sandbox's network could not be set up (${error.code})`, 125));
	return new Promise((resolve) => server.listen(on, resolve));
}

function relay(socket, [target, ...others]) {
	const other = connect({ ...target, allowHalfOpen: true, noDelay: true });
	const failed = () => (others.length > 0 ? relay(socket, others) : socket.destroy());
	socket.on("error", () => other.destroy());
	other.once("error", failed);
	other.once("connect", () => {
		other.off("error", failed);
		other.on("error", () => socket.destroy());
		other.on("close", () => socket.destroy());
		socket.on("close", () => other.destroy());
		socket.pipe(other);
		other.pipe(socket);
	});
}

function isFolder(path) {
	try {
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}

function stop(why, code) {
	process.stderr.write(`quayside: ${why}\n`);
	process.exit(code);
}
