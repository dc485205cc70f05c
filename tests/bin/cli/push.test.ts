import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Client } from "#lib/client/client.ts";
import { readArguments } from "../../../bin/cli/arguments.ts";
import { push } from "../../../bin/cli/commands/push.ts";
import { openOutput } from "../../../bin/cli/output.ts";

/** Runs the command with this on standard input; answers what was asked of the server. */
async function run(args: readonly string[], stdin: string): Promise<object[]> {
	const input = Object.assign(new PassThrough(), { isTTY: false });
	input.end(stdin);
	const reading = vi.spyOn(process, "stdin", "get").mockReturnValue(input as unknown as typeof process.stdin);
	onTestFinished(() => reading.mockRestore());
	const asked: object[] = [];
	const deployments = {
		list: async () => ({ deployments: [{ id: "D" }] }),
		push: async (_id: string, body: object) => {
			asked.push(body);
			return { url: "https://git.example/a", branch: "main", commit: "0".repeat(40), unchanged: false, files: 1 };
		},
	};
	const { words, flags } = readArguments(push, ["shop", ...args]);
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	const output = openOutput({ stdout, stderr, env: {} } as unknown as Parameters<typeof openOutput>[0], false);
	const client = async () => ({ deployments }) as unknown as Client;
	await push.run({ words, flags, output, client, env: { NODE_ENV: "test" }, signal: new AbortController().signal });
	return asked;
}

test("--token-stdin takes the token from there, and no other one where there is none", async () => {
	expect(await run(["--token-stdin"], "tok-1\n")).toEqual([{ token: "tok-1" }]);
	expect(await run([], "")).toEqual([{}]);
	await expect(run(["--token-stdin"], "\n")).rejects.toThrow("The token is empty.");
});
