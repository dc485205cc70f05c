import { setTimeout as delay } from "node:timers/promises";
import type { RuntimeLog, RuntimeLogQuery } from "../../lib/protocol/index.ts";
import { createRedactor } from "../secrets/redact.ts";
import type { ProjectSecrets } from "./project-secrets.ts";

export interface LogQuery {
	/** Only lines that contain this text, whatever its case and colours. */
	search?: string | undefined;
	/** At most so many lines: the newest, or with `after` the next. */
	lines: number;
	/** `cursor` of an earlier read: goes on there. */
	after?: string | undefined;
}

export interface LogPage {
	text: string;
	/** Where the next read goes on. */
	cursor: string;
	/** True when what `after` names is no longer stored, or is another release's: this page begins anew. */
	reset: boolean;
}

export interface RuntimeLogSource {
	projectId: string;
	secrets: Pick<ProjectSecrets, "environment">;
	/** The release whose log is read now; another one may become active while somebody waits. Null without one. */
	releaseId(): Promise<string | null>;
	readLog(releaseId: string, query: LogQuery): Promise<LogPage>;
}

const lookEveryMs = 250;
/** Looks between two questions which release is active. */
const looksPerRelease = 4;

/** A page of the log without the project's secrets. One that is empty is waited for, for up to `wait` seconds or until `signal` aborts. */
export async function readProjectLog(source: RuntimeLogSource, query: RuntimeLogQuery, signal: AbortSignal): Promise<RuntimeLog> {
	const until = performance.now() + query.wait * 1000;
	let after = query.after;
	let releaseId = await source.releaseId();
	for (let looks = 1; ; looks++) {
		const page = releaseId === null ? { text: "", cursor: "", reset: false } : await source.readLog(releaseId, { ...query, after });
		if (page.text !== "" || page.reset || signal.aborted || performance.now() >= until) return redacted(source, page);
		after = page.cursor || after;
		await delay(lookEveryMs, undefined, { signal }).catch(() => {});
		if (looks % looksPerRelease === 0) releaseId = await source.releaseId();
	}
}

async function redacted({ projectId, secrets }: RuntimeLogSource, { text, cursor, reset }: LogPage): Promise<RuntimeLog> {
	const hidden = await secrets.environment(projectId);
	return { log: createRedactor(hidden.secrets).redact(text), cursor, reset };
}
