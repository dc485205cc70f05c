/** WebSocket close codes: 40xx to 44xx mean "come back", 45xx and up mean "do not". */
export const closeCodes = {
	normal: 1000,
	internal: 1011,
	restart: 1012,
	tooBig: 1009,
	tooMany: 1013,
	authExpired: 4001,
	slow: 4008,
	noSubscription: 4009,
	rate: 4029,
	unauthenticated: 4501,
	forbidden: 4503,
	unknown: 4504,
	protocol: 4505,
} as const;

/** The code of a connection that broke without a word. It is never sent. */
export const lostCode = 1006;

/** True for a close code after which reconnecting is pointless. */
export function isTerminalClose(code: number): boolean {
	return code >= 4500 && code < 4600;
}
