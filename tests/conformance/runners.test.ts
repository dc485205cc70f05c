import { spawn } from "node:child_process";
import { createServer, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientCases } from "./client-cases.ts";
import { httpCases } from "./http-cases.ts";
import { type OwnServer, startOwnServer } from "./own-server.ts";
import { serverCases } from "./server-cases.ts";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const minimalClient = here("minimal-client.mjs");

async function run(script: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
	const child = spawn(process.execPath, [here(script), ...args], { stdio: ["ignore", "pipe", "pipe"] });
	const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
	const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
	return { code: await exited, output: output + complaints };
}

let server: OwnServer;
beforeAll(async () => {
	server = await startOwnServer();
});
afterAll(() => server?.stop());

describe("the runner for servers", () => {
	const own = (...args: string[]) => run("run.ts", "--url", server.url, "--token", server.token, ...args);

	test("passes our server, with a keeper of its logs", async () => {
		const { code, output } = await own("--control", server.control, "--over", "sse", "--only", "log");
		expect(output).toMatch(/\n[1-9]\d* passed, 0 failed\.\n/);
		expect(output).toContain("✓ sse: a log that is rewritten under its reader");
		expect(code).toBe(0);
	});

	test("without one runs what needs none, and reads a log that has ended", async () => {
		const { stream } = await server.make({ events: 7, closed: true });
		const { code, output } = await own("--stream", stream, "--over", "ws");
		expect(output).toContain(`✓ ws: ${stream}: the whole history, once and in order`);
		expect(output).toContain("✓ ws: what is no JSON ends the connection");
		expect(output).toMatch(/\n[1-9]\d* passed, 0 failed, [1-9]\d* skipped because they need --control\.\n/);
		expect(code).toBe(0);
	});

	test("finds a server that is not right", async () => {
		// In between, somebody says every `live` twice.
		const proxy = createServer((request, response) => {
			const forward = sendRequest(`${server.url}${request.url}`, { method: request.method, headers: request.headers }, (answer) => {
				response.writeHead(answer.statusCode ?? 500, answer.headers);
				answer.on("data", (chunk: Buffer) => response.write(String(chunk).replace(/data: \{"t":"live".*\n\n/, "$&$&")));
				answer.on("end", () => response.end());
			});
			forward.on("error", () => response.destroy());
			response.on("close", () => forward.destroy());
			request.pipe(forward);
		});
		await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
		const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
		const { code, output } = await run(
			"run.ts",
			...["--url", url, "--token", server.token, "--control", server.control, "--over", "sse", "--only", "a reader goes on"],
		);
		proxy.closeAllConnections();
		proxy.close();
		expect(output).toContain("✗ sse: a reader goes on where it stood");
		expect(output).toContain('said too much about s: [{"t":"live"');
		expect(code).toBe(1);
	});

	test("prints the cases as JSON", async () => {
		const { code, output } = await run("run.ts", "--print");
		expect(JSON.parse(output)).toEqual({ server: serverCases, http: httpCases, client: clientCases });
		expect(code).toBe(0);
	});

	test("says how it is used", async () => {
		expect(await run("run.ts")).toMatchObject({ code: 2, output: expect.stringContaining("--token") });
	});
});

describe("the runner for clients", () => {
	test.each(["ws", "sse", "poll"])("passes the client that was written from the document, over %s", async (over) => {
		const { code, output } = await run(
			"run-client.ts",
			"--over",
			over,
			"--only",
			"asks again when events",
			"--",
			process.execPath,
			minimalClient,
		);
		expect(output).toContain("2 passed, 0 failed.");
		expect(code).toBe(0);
	});

	test("finds a client that is not right", async () => {
		const deaf = `setInterval(() => {}, 1000); console.log('{"apply":1}');`;
		const { code, output } = await run(
			"run-client.ts",
			"--over",
			"sse",
			"--only",
			"stays away",
			"--patience",
			"2",
			"--",
			process.execPath,
			"-e",
			deaf,
		);
		expect(output).toContain("✗ sse: stays away when it is told to");
		expect(code).toBe(1);
	});
});
