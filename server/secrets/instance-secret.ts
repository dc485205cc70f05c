import { randomBytes } from "node:crypto";
import { link, mkdir, open, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../lib/errors.ts";
import { Secret } from "./secret.ts";
import { weaknessOf } from "./strength.ts";

const fileName = "instance.secret";

export interface InstanceSecretOptions {
	/** Value of QUAYSIDE_SECRET, null when it is not set. */
	fromEnv: Secret | null;
	/** Folder of the instance, where a generated secret is kept. */
	home: string;
	/** True when the database is another machine's: then every node must be given the same secret. */
	required: boolean;
}

/** The secret this instance encrypts with: the given one, or one made on the first start and kept in the home, mode 0600. */
export async function readInstanceSecret({ fromEnv, home, required }: InstanceSecretOptions): Promise<Secret> {
	if (fromEnv) return strongOrThrow(fromEnv);
	if (required) {
		throw new AppError("misconfigured", {
			message: "QUAYSIDE_SECRET is not set, but DATABASE_URL is.",
			action: "Set QUAYSIDE_SECRET to the same random value of 32 characters or more on every node; `openssl rand -hex 32` makes one.",
		});
	}
	const path = join(home, fileName);
	return (await readSecret(path)) ?? (await generateSecret(home, path));
}

/**
 * Refuses to go on with another secret than the one the database was set up with. `remember` stores the value unless one is
 * stored already, and answers the stored one.
 */
export async function verifyInstanceSecret(checkValue: string, remember: (value: string) => Promise<string>): Promise<void> {
	if ((await remember(checkValue)) === checkValue) return;
	throw new AppError("misconfigured", {
		message: "This is not the secret that the database was set up with.",
		action: `Start Quayside with the QUAYSIDE_SECRET it had before, or with the file ${fileName} from its old home folder.`,
	});
}

function strongOrThrow(secret: Secret): Secret {
	const weakness = weaknessOf(secret.reveal());
	if (weakness === null) return secret;
	throw new AppError("misconfigured", {
		message: `QUAYSIDE_SECRET is too weak: it ${weakness}.`,
		action: "Set it to a random value, such as one made by `openssl rand -hex 32`.",
	});
}

async function readSecret(path: string): Promise<Secret | null> {
	try {
		const value = (await readFile(path, "utf8")).trim();
		if (weaknessOf(value) === null) return new Secret(value);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw error;
	}
	throw new AppError("misconfigured", {
		message: `The file ${fileName} in Quayside's home folder is damaged.`,
		action: "Restore it from a backup. Stored secrets cannot be read without it.",
	});
}

/** Writes the file whole and links it into place, so that a crash leaves no half of it and the first of two starts wins. */
async function generateSecret(home: string, path: string): Promise<Secret> {
	await mkdir(home, { recursive: true, mode: 0o700 });
	const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
	const file = await open(draft, "wx", 0o600);
	try {
		await file.writeFile(`${randomBytes(32).toString("hex")}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	try {
		await link(draft, path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	} finally {
		await unlink(draft);
	}
	const secret = await readSecret(path);
	if (!secret) throw new AppError("internal", { detail: `${fileName} vanished while it was being written` });
	return secret;
}
