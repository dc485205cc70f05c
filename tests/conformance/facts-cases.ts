import type { MadeLog } from "./bench.ts";
import type { ServerCase } from "./case.ts";
import type { Wire } from "./wires.ts";

/** What a log that we cannot change holds. */
export interface LogFacts extends MadeLog {
	head: number;
	min: number;
}

/** Looks at a log that is there. Only one that has ended stays the same while it is read. */
export async function observe(wire: Wire, url: string, token: string, stream: string): Promise<LogFacts> {
	const connection = wire.open(url, token, [{ stream, after: 0 }]);
	try {
		const frame = await connection.until(({ t }) => t === "sub" || t === "err");
		if (frame.t !== "sub") throw new Error(`${stream} cannot be read: ${JSON.stringify(frame)}`);
		if (!frame.closed) throw new Error(`${stream} has not ended: take a deployment that has`);
		return { stream, epoch: frame.epoch, head: frame.head, min: frame.min };
	} finally {
		connection.close();
	}
}

/** What every reader of a closed log must be told, whatever it holds. Its name in the cases is `s`. */
export function casesAbout({ head, min }: LogFacts): ServerCase[] {
	const log = { events: head, closed: true } as const;
	const whole = min > 1 ? { after: min - 1, head, min, reset: "truncated" as const } : { after: 0, head };
	const rest = [{ live: head }, { end: head }];
	return [
		{
			name: "the whole history, once and in order",
			logs: { s: log },
			steps: [
				{ ask: { s: { epoch: "$epoch", after: 0 } } },
				{ expect: { s: [{ sub: { ...whole, closed: true } }, { ev: [min, head] }, ...rest] } },
			],
		},
		{
			name: "the last event",
			logs: { s: log },
			steps: [
				{ ask: { s: { epoch: "$epoch", after: head - 1 } } },
				{ expect: { s: [{ sub: { after: head - 1, head, min, closed: true } }, { ev: [head, head] }, ...rest] } },
			],
		},
		{
			name: "nothing but the end",
			logs: { s: log },
			steps: [
				{ ask: { s: { epoch: "$epoch", after: head } } },
				{ expect: { s: [{ sub: { after: head, head, min, closed: true } }, ...rest] } },
			],
		},
	];
}
