import { connect } from "node:net";
import { z } from "zod";
import type { KillProof } from "../../exec/sandbox.ts";
import { onLines } from "./control.ts";
import type { AppStatus } from "./supervisor.ts";

/** The platform's end of the connection to a runner. */
export interface RunnerLink {
	/** What the runner said last. */
	status(): AppStatus;
	/** Ends the app; resolves when nothing of it is left. The runner ends too. */
	stop(): Promise<KillProof>;
	/** Stops listening; the app goes on. */
	close(): void;
}

export interface LinkEvents {
	onStatus(status: AppStatus): void;
	/** The runner is gone, or closed the connection after its last word. */
	onGone(): void;
}

const endSchema = z.object({
	exitCode: z.number().nullable(),
	signal: z.custom<NodeJS.Signals>((value) => typeof value === "string").nullable(),
	reason: z.enum(["exited", "memory", "processes", "disk", "disk_full", "aborted"]),
});
const appStatusSchema = z.object({
	phase: z.enum(["running", "waiting", "crashed", "stopped"]),
	pid: z.number().nullable(),
	starts: z.number(),
	end: endSchema.nullable(),
	retryAt: z.number().nullable(),
});
const messageSchema = z.union([
	z.object({ v: z.literal(1), status: appStatusSchema }),
	z.object({ v: z.literal(1), stopped: z.object({ stopped: z.number(), durationMs: z.number(), left: z.array(z.number()) }) }),
]);

const connectTimeoutMs = 5_000;
/** A runner gives its app 5 s after TERM, then kills it and looks for what is left. */
const stopTimeoutMs = 15_000;

/** Connects to a runner; null when none answers at this socket within 5 s. */
export function connectToRunner(controlSocket: string, events: LinkEvents): Promise<RunnerLink | null> {
	return new Promise((resolve) => {
		let status: AppStatus | null = null;
		let closed = false;
		let onStopped: (proof: KillProof | null) => void = () => {};
		const socket = connect(controlSocket);
		const impatience = setTimeout(() => socket.destroy(), connectTimeoutMs);

		const link: RunnerLink = {
			status: () => status as AppStatus,
			close() {
				closed = true;
				socket.destroy();
			},
			stop: () =>
				new Promise((stopped, failed) => {
					const timer = setTimeout(() => failed(new Error("the runner did not end its app in time")), stopTimeoutMs);
					onStopped = (proof) => {
						clearTimeout(timer);
						if (proof) stopped(proof);
						else failed(new Error("the runner ended before it said what it had stopped"));
					};
					if (socket.destroyed) onStopped(null);
					else socket.write(`${JSON.stringify({ op: "stop" })}\n`);
				}),
		};

		onLines(socket, (line) => {
			const message = messageSchema.parse(JSON.parse(line));
			if ("stopped" in message) return onStopped(message.stopped);
			const first = status === null;
			status = message.status;
			clearTimeout(impatience);
			if (first) resolve(link);
			if (!closed) events.onStatus(message.status);
		});
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			clearTimeout(impatience);
			onStopped(null);
			if (status === null) resolve(null);
			else if (!closed) events.onGone();
		});
	});
}
