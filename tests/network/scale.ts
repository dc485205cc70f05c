import { defaultTimings, type Timings } from "#lib/live/timings.ts";
import { defaultLiveLimits, type LiveLimits } from "#server/live/limits.ts";

/** Every interval of client, server and proxies is divided by this one number: by a larger one a busy machine would look like a mute network. */
export const quick = 3;

/** All timings of the client, divided by `scale`; counts stay what they are. */
export function timingsAt(scale: number): Timings {
	const shrink = (name: string, value: unknown) => {
		if (Array.isArray(value)) return value.map((ms: number) => ms / scale);
		if (name.endsWith("Ms") && typeof value === "number") return value / scale;
		return name === "pollWaitS" ? Math.max(1, Math.round(Number(value) / scale)) : value;
	};
	return Object.fromEntries(Object.entries(defaultTimings).map(([name, value]) => [name, shrink(name, value)])) as unknown as Timings;
}

/** All intervals of the server that the client's depend on, divided by `scale`. */
export function limitsAt(scale: number): Partial<LiveLimits> {
	const names = [
		"heartbeatMs",
		"activeHeartbeatMs",
		"firstHeartbeatMs",
		"pingMs",
		"deadMs",
		"sseMaxAgeMs",
		"activeHoldMs",
		"maxLagMs",
		"noSubscriptionMs",
		"tickMs",
	] as const;
	return Object.fromEntries(names.map((name) => [name, defaultLiveLimits[name] / scale]));
}
