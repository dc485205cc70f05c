import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkSession } from "#lib/live/session-check.ts";

let answer: (response: ServerResponse) => void;
const paths: (string | undefined)[] = [];
const server = createServer((request, response) => {
	paths.push(request.url);
	answer(response);
});
let origin: string;
beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const json = (status: number, body: object) => (response: ServerResponse) => void response.writeHead(status).end(JSON.stringify(body));

test.each<[what: string, answers: (response: ServerResponse) => void, isValid: boolean | null]>([
	["who it is", json(200, { user: { id: "ann" } }), true],
	["that nobody is logged in", json(401, { error: { code: "unauthenticated" } }), false],
	["401, in the words of a proxy", json(401, { message: "Who are you?" }), null],
	["that it fails", json(500, { error: { code: "internal" } }), null],
	["nothing", (response) => response.destroy(), null],
	["nothing in time", () => {}, null],
])("a server that answers %s", async (_what, answers, isValid) => {
	answer = answers;
	expect(await checkSession({ origin, fetch }, 300)).toBe(isValid);
	expect(paths.at(-1)).toBe("/api/auth/me");
});
