import { describe, test } from "vitest";
import type { WireName } from "./case.ts";
import { clientCases } from "./client-cases.ts";
import { ownClient } from "./own-client.ts";
import { playClientCase } from "./play-client-case.ts";

const bounds = { patienceMs: 8000, settleMs: 300 };

describe.each<WireName>(["ws", "sse", "poll"])("over %s", (over) => {
	const cases = clientCases.filter((one) => !one.over || one.over.includes(over));
	test.concurrent.each(cases)("$name", (clientCase) => playClientCase(clientCase, over, ownClient, bounds));
});
