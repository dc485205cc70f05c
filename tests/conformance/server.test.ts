import { afterAll, beforeAll, describe, test } from "vitest";
import { httpCases } from "./http-cases.ts";
import { type OwnServer, startOwnServer } from "./own-server.ts";
import { playHttpCase } from "./play-http-case.ts";
import { playServerCase } from "./play-server-case.ts";
import { serverCases } from "./server-cases.ts";
import { wires } from "./wires.ts";

let server: OwnServer;
beforeAll(async () => {
	server = await startOwnServer();
});
afterAll(() => server?.stop());

describe.each(wires)("over $name", (wire) => {
	const cases = serverCases.filter(({ over }) => !over || over.includes(wire.name));
	test.each(cases)("$name", (serverCase) => playServerCase(serverCase, wire, server));
});

test.each(httpCases)("$name", (httpCase) => playHttpCase(httpCase, server));
