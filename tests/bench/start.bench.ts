import { startPlatform } from "../support/platform.ts";
import { median, ms, say } from "./figures.ts";

const starts = 7;

/** Spawn of the server to its ready line, on an empty home and on one it has used before. */
export async function measure(): Promise<void> {
	const platform = await startPlatform();
	try {
		const first = platform.readyMs;
		const again: number[] = [];
		for (let n = 0; n < starts; n++) {
			await platform.restart();
			again.push(platform.readyMs);
		}
		say("first start, empty home", ms(first));
		say(`second start, median of ${starts}`, ms(median(again)), "≤ 3000 ms");
		say("second start, slowest", ms(Math.max(...again)));
	} finally {
		await platform.stop();
	}
}
