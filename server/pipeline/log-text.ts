import { type Stage, streamOf } from "../../lib/protocol/index.ts";
import type { Streams } from "../streams/streams.ts";

/** The stored log of a deployment as text, a page of events at a time. */
export async function* readLogText(streams: Streams, deploymentId: string, stage: Stage | null): AsyncGenerator<string> {
	const stream = streamOf.deployment(deploymentId);
	let after = 0;
	for (;;) {
		const { events, min } = await streams.read({ stream, epoch: null, after: after });
		if (events.length === 0 && after >= min - 1) return;
		let text = "";
		for (const event of events) {
			if (event.type !== "log" || (stage && event.stage !== stage)) continue;
			for (const line of event.metadata.lines) text += `${line.text}\n`;
		}
		if (text) yield text;
		after = events.at(-1)?.seq ?? min - 1;
	}
}
