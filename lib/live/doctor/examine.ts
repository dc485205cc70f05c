import { type TransportKind, transportKinds } from "../transports/transport.ts";
import { type DoctorOptions, doctorTimings, type Outcome, type Probe } from "./probe.ts";
import { probePoll } from "./probe-poll.ts";
import { probeSocket } from "./probe-socket.ts";
import { probeStream } from "./probe-stream.ts";

/** One transport as the doctor found it so far. */
export interface Rung {
	kind: TransportKind;
	state: "waiting" | "running" | "works" | "fails";
	/** What was seen, in the order in which it happened. */
	notes: readonly string[];
	/** Null until it is done. */
	outcome: Outcome | null;
}

const probes: Readonly<Record<TransportKind, Probe>> = { ws: probeSocket, sse: probeStream, poll: probePoll };

export const untestedRungs: readonly Rung[] = transportKinds.map((kind) => ({ kind, state: "waiting", notes: [], outcome: null }));

export interface ExamineOptions extends Omit<DoctorOptions, "timings"> {
	timings?: Partial<DoctorOptions["timings"]>;
	signal: AbortSignal;
	/** Called with the whole picture whenever it has changed. */
	onChange(rungs: readonly Rung[]): void;
}

/** Tries WebSocket, SSE and polling against the server, one after the other. Throws when `signal` ends it. */
export async function examine({ signal, onChange, timings, ...options }: ExamineOptions): Promise<readonly Rung[]> {
	const doctor: DoctorOptions = { ...options, timings: { ...doctorTimings, ...timings } };
	let rungs = untestedRungs;
	const change = (kind: TransportKind, part: Partial<Rung> | ((rung: Rung) => Partial<Rung>)) => {
		if (signal.aborted) return;
		rungs = rungs.map((rung) => (rung.kind === kind ? { ...rung, ...(typeof part === "function" ? part(rung) : part) } : rung));
		onChange(rungs);
	};
	for (const kind of transportKinds) {
		change(kind, { state: "running" });
		const outcome = await probes[kind](doctor, (text) => change(kind, ({ notes }) => ({ notes: [...notes, text] })), signal);
		change(kind, { state: outcome.fault ? "fails" : "works", outcome });
	}
	return rungs;
}
