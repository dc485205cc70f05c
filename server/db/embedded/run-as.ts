import { stat } from "node:fs/promises";
import { execa } from "execa";
import { AppError } from "#lib/errors.ts";

/** The system user that Postgres runs as. Postgres refuses to run as root. */
export interface RunAs {
	uid: number;
	gid: number;
}

const ownUser = "quayside-postgres";
/** Where users cannot be created: one of these, in this order. */
const existingUsers = ["postgres", "nobody"];

/** Whom to run as: null (ourselves) unless we are root; then the owner of the data if there is some, else a system user. */
export async function chooseUser(dataFolder: string): Promise<RunAs | null> {
	if (process.getuid?.() !== 0) return null;
	const user = (await ownerOf(dataFolder)) ?? (await findUser(ownUser)) ?? (await createUser()) ?? (await firstExisting());
	if (user) return user;
	throw new AppError("database_unavailable", {
		message: "The database cannot run as root, and no other system user was found for it.",
		action: `Create a system user named ${ownUser}, start Quayside as a user other than root, or set DATABASE_URL.`,
	});
}

async function ownerOf(folder: string): Promise<RunAs | null> {
	const found = await stat(folder).catch(() => null);
	return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : null;
}

async function findUser(name: string): Promise<RunAs | null> {
	const [uid, gid] = await Promise.all(["-u", "-g"].map((flag) => execa("id", [flag, name], { reject: false })));
	if (uid?.exitCode !== 0 || gid?.exitCode !== 0) return null;
	return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function createUser(): Promise<RunAs | null> {
	const options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"];
	await execa("useradd", [...options, ownUser], { reject: false });
	// Found either way: another process may have created it at the same moment.
	return findUser(ownUser);
}

async function firstExisting(): Promise<RunAs | null> {
	for (const name of existingUsers) {
		const user = await findUser(name);
		if (user && user.uid !== 0) return user;
	}
	return null;
}
