import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { UsageError } from "./exit-code.ts";

/** Which Quayside, and who one is there. */
export interface Settings {
	url: string;
	token: string;
}

const storedSchema = z.object({ url: z.string(), token: z.string() });

/** From the environment, else from the last login; one of the two may come from each. Throws `UsageError` when one is missing. */
export async function readSettings(env: NodeJS.ProcessEnv): Promise<Settings> {
	const stored = await readStored(env);
	const url = env.QUAYSIDE_URL ? originOf(env.QUAYSIDE_URL) : stored?.url;
	// A token is for the server it was made by: another address does not get the stored one.
	const token = env.QUAYSIDE_TOKEN || (url === stored?.url ? stored?.token : undefined);
	if (url && token) return { url, token };
	const missing = url ? "There is no token for this Quayside" : "It is not known where your Quayside is";
	throw new UsageError(`${missing}: run “quayside login <address>”, or set QUAYSIDE_URL and QUAYSIDE_TOKEN.`);
}

/** Keeps them for later calls, readable for this user alone; answers the file. */
export async function storeSettings(env: NodeJS.ProcessEnv, settings: Settings): Promise<string> {
	const file = fileOf(env);
	await mkdir(dirname(file), { recursive: true, mode: 0o700 });
	const draft = `${file}.${process.pid}`;
	await writeFile(draft, `${JSON.stringify(settings, null, "\t")}\n`, { mode: 0o600, flag: "wx" });
	await rename(draft, file);
	return file;
}

/** The origin of an address as people type it. Throws `UsageError`. */
export function originOf(text: string): string {
	const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
	if (url?.username === "" && url.password === "") return url.origin;
	throw new UsageError(`“${text}” is not the address of a Quayside.`);
}

async function readStored(env: NodeJS.ProcessEnv): Promise<Settings | null> {
	const file = fileOf(env);
	const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return null;
		throw new UsageError(`${file} cannot be read (${error.code}).`);
	});
	if (text === null) return null;
	try {
		return storedSchema.parse(JSON.parse(text));
	} catch {
		throw new UsageError(`${file} is damaged: run “quayside login” again.`);
	}
}

function fileOf(env: NodeJS.ProcessEnv): string {
	return join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), "quayside", "config.json");
}
