import { isDeepStrictEqual } from "node:util";
import { within } from "./bench.ts";
import type { Applied, ClientCase, WireName } from "./case.ts";
import { scriptedStream, startScriptedServer } from "./scripted-server.ts";

export interface ClientTask {
	url: string;
	stream: string;
	epoch: string | null;
	after: number;
	over: WireName;
	/** To be told of everything the client tells its reader. */
	tell(applied: Applied): void;
}

/** Starts a client on a task; answers what ends it. */
export type StartClient = (task: ClientTask) => () => unknown;

/** Holds a client against a case; throws a sentence about what it did otherwise. `settleMs`: how long it may still do too much. */
export async function playClientCase(
	clientCase: ClientCase,
	over: WireName,
	startClient: StartClient,
	{ patienceMs, settleMs }: { patienceMs: number; settleMs: number },
): Promise<void> {
	const server = await startScriptedServer(clientCase, over);
	const told: Applied[] = [];
	const complete = Promise.withResolvers<void>();
	const end = startClient({
		url: server.url,
		stream: scriptedStream,
		...clientCase.start,
		over,
		tell(applied) {
			told.push(applied);
			if (told.length >= clientCase.applied.length) complete.resolve();
		},
	});
	const failed = server.played.then(() => {
		if (server.faults.length > 0) throw new Error(server.faults.join("; "));
	});
	try {
		await within(patienceMs, Promise.all([failed, complete.promise]), () => `the whole script; told ${JSON.stringify(told)}`);
		await new Promise((resolve) => setTimeout(resolve, settleMs));
	} finally {
		await end();
		await server.stop();
	}
	if (server.faults.length > 0) throw new Error(server.faults.join("; "));
	if (!isDeepStrictEqual(told, clientCase.applied))
		throw new Error(`told ${JSON.stringify(told)}, expected ${JSON.stringify(clientCase.applied)}`);
}
