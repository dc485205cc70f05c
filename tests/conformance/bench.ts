import type { Deed, LogSetup, MakeLog } from "./case.ts";

/** A server under test, and somebody who keeps its logs. */
export interface Bench {
	/** Origin of the server. */
	url: string;
	/** A token that may read every log that is not foreign. */
	token: string;
	/** Makes a log for one case. */
	make(log: LogSetup): Promise<MadeLog>;
	carryOut(deed: Deed): Promise<void>;
	/** Longest wait for anything that must come. */
	patienceMs: number;
}

export interface MadeLog {
	stream: string;
	epoch: string;
}

/** The keeper of the logs behind an address, for servers that are no part of this checkout. */
export function keeperAt(address: string): Pick<Bench, "make" | "carryOut"> {
	async function post(body: Deed | MakeLog): Promise<unknown> {
		const response = await fetch(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
		if (!response.ok) throw new Error(`${address} answered ${response.status} to ${JSON.stringify(body)}: ${await response.text()}`);
		return response.status === 204 ? null : response.json();
	}
	return {
		make: async (log) => (await post({ do: "make", log })) as MadeLog,
		carryOut: async (deed) => void (await post(deed)),
	};
}

/** All logs of a case, by the name the case gives them. */
export async function makeLogs(bench: Bench, logs: Record<string, LogSetup>): Promise<Map<string, MadeLog>> {
	const made = new Map<string, MadeLog>();
	for (const [name, log] of Object.entries(logs)) made.set(name, await bench.make(log));
	return made;
}

/** The log with this name of the case. */
export function logNamed(made: ReadonlyMap<string, MadeLog>, name: string): MadeLog {
	const log = made.get(name);
	if (!log) throw new Error(`The case has no log named ${name}.`);
	return log;
}

/** A deed with the stream's own name in place of the case's. */
export function inStreams(deed: Deed, made: ReadonlyMap<string, MadeLog>): Deed {
	return "stream" in deed ? { ...deed, stream: logNamed(made, deed.stream).stream } : deed;
}

/** A value of a case with `$name` replaced by the stream's own name. */
export function filled<T>(value: T, made: ReadonlyMap<string, MadeLog>): T {
	const text = JSON.stringify(value);
	return text === undefined
		? value
		: (JSON.parse(text, (_, part) =>
				typeof part === "string" && part.startsWith("$") ? (made.get(part.slice(1))?.stream ?? part) : part,
			) as T);
}

/** Settles as the promise does, or fails with what was awaited. */
export async function within<T>(ms: number, promise: Promise<T>, awaited: () => string): Promise<T> {
	const late = Promise.withResolvers<never>();
	const timer = setTimeout(() => late.reject(new Error(`waited ${ms} ms for ${awaited()}`)), ms);
	try {
		return await Promise.race([promise, late.promise]);
	} finally {
		clearTimeout(timer);
	}
}
