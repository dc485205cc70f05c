import { access, constants } from "node:fs/promises";
import path from "node:path";
import { run } from "./run.mjs";

/** Path of the first of these programs that is installed, or null. */
export async function findProgram(...names) {
	const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
	for (const name of names) {
		for (const folder of folders.filter(path.isAbsolute)) {
			const file = path.join(folder, name);
			if (
				await access(file, constants.X_OK).then(
					() => true,
					() => false,
				)
			)
				return file;
		}
	}
	return null;
}

/** Installs Debian packages, in one call, where that needs no password; false where it cannot. */
export async function installPackage(...names) {
	const apt = await findProgram("apt-get");
	const prefix = await rootPrefix();
	if (!apt || !prefix) return false;
	console.log(`Installing ${names.join(", ")} with apt-get…`);
	const [command, ...args] = [...prefix, apt];
	// Run level 1: a service that is installed is not started.
	const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
	const install = [...args, "install", "-y", "-q", "--no-install-recommends", ...names];
	if ((await run(command, install, { env })) === 0) return true;
	await run(command, [...args, "update", "-q"], { env });
	return (await run(command, install, { env })) === 0;
}

async function rootPrefix() {
	if (process.getuid?.() === 0) return [];
	const sudo = await findProgram("sudo");
	return sudo && (await run(sudo, ["-n", "true"], { quiet: true })) === 0 ? [sudo, "-n"] : null;
}
