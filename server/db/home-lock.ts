import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#lib/errors.ts";
import { identifyProcess } from "./process-identity.ts";

interface Holder {
	pid: number;
	startedAt: string;
}

/**
 * Makes sure that one platform at a time works on a home. Answers the function that gives the home free again; a platform
 * that was killed holds nothing. Throws `conflict` with the number of the process that is there already.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
	await mkdir(home, { recursive: true });
	const path = join(home, "platform.pid");
	const self = await identifyProcess(process.pid);
	const mine = JSON.stringify({ pid: process.pid, startedAt: self?.startedAt ?? "" });
	for (let round = 0; round < 10; round++) {
		if (await claim(path, mine)) return () => release(path, mine);
		const found = await readOrNull(path);
		if (found === null) continue;
		const holder = await livingHolder(found);
		if (holder) throw taken(home, holder.pid);
		await removeStale(path, found);
	}
	throw taken(home, null);
}

/** `link` fails when the name exists, so the file appears whole or not at all, and for one process only. */
async function claim(path: string, mine: string): Promise<boolean> {
	const draft = `${path}.${randomUUID()}`;
	await writeFile(draft, mine, { mode: 0o600 });
	try {
		await link(draft, path);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw error;
	} finally {
		await rm(draft, { force: true });
	}
}

async function livingHolder(content: string): Promise<Holder | null> {
	const holder = parseHolder(content);
	if (!holder) return null;
	const found = await identifyProcess(holder.pid);
	return found?.startedAt === holder.startedAt ? holder : null;
}

/** Takes the stale file away; a fresh one that another process put there in the meantime is put back. */
async function removeStale(path: string, stale: string): Promise<void> {
	const aside = `${path}.${randomUUID()}`;
	try {
		await rename(path, aside);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
		throw error;
	}
	if ((await readOrNull(aside)) !== stale) await link(aside, path).catch(() => undefined);
	await rm(aside, { force: true });
}

async function release(path: string, mine: string): Promise<void> {
	if ((await readOrNull(path)) === mine) await rm(path, { force: true });
}

function parseHolder(content: string): Holder | null {
	try {
		const { pid, startedAt } = JSON.parse(content) as Partial<Holder>;
		return Number.isSafeInteger(pid) && Number(pid) > 0 && typeof startedAt === "string" ? { pid: Number(pid), startedAt } : null;
	} catch {
		return null;
	}
}

async function readOrNull(path: string): Promise<string | null> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
		throw error;
	}
}

function taken(home: string, pid: number | null): AppError {
	return new AppError("conflict", {
		message: `Quayside is already running on ${home}${pid === null ? "" : ` (process ${pid})`}.`,
		action: "Stop it first, or give this one another folder with QUAYSIDE_HOME.",
	});
}
