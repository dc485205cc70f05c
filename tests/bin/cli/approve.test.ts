import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { Client } from "#lib/client/client.ts";
import type { ApprovalKind } from "#lib/protocol/index.ts";
import { proposal } from "#tests/lib/deployment/simulation.ts";
import { readArguments } from "../../../bin/cli/arguments.ts";
import { approve } from "../../../bin/cli/commands/approve.ts";
import { openOutput } from "../../../bin/cli/output.ts";

const plan = { summary: "Detected Express", install: null, build: null, test: null, start: ["node", "server.js"], warnings: [] };

/** Runs the command where this is asked; answers what it printed, and what it answered. */
async function run(kind: ApprovalKind, args: readonly string[]) {
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	const answers: string[] = [];
	const waiting = { id: `${kind}-1`, kind, deploymentId: "D", number: 3, project: { slug: "shop" }, text: "Waiting for a person." };
	const deployments = {
		approvals: async () => [waiting],
		get: async () => ({ plan }),
		approval: async () => ({ approval: { id: waiting.id }, plan, changes: null, fix: kind === "fix" ? proposal(1) : null }),
		answer: async (_id: string, approval: string) => {
			answers.push(approval);
			return { status: "running" };
		},
	};
	const { words, flags } = readArguments(approve, ["shop", ...args]);
	const output = openOutput({ stdout, stderr, env: {} } as unknown as Parameters<typeof openOutput>[0], flags.has("json"));
	const client = async () => ({ deployments }) as unknown as Client;
	const code = await approve.run({ words, flags, output, client, env: { NODE_ENV: "test" }, signal: new AbortController().signal });
	return { code, answers, out: String(stdout.read() ?? ""), error: String(stderr.read() ?? "") };
}

test("--show of a repair is its title and its diff, of a plan the plan", async () => {
	const { out, answers } = await run("fix", ["--show"]);
	const { title, diff } = proposal(1);
	expect(out).toBe(`shop #3  Waiting for a person.\n  ${title}\n${diff}`);
	expect(answers).toEqual([]);
	expect(JSON.parse((await run("fix", ["--show", "--json"])).out)).toMatchObject({ fix: { title, diff } });
	expect((await run("plan", ["--show"])).out).toContain("  Detected Express\n");
});

test("says which question it answers", async () => {
	expect(await run("fix", [])).toEqual({
		code: 0,
		answers: ["fix-1"],
		out: "Approved: the repair of shop #3\n",
		error: "shop #3  Waiting for a person.\n",
	});
	expect(JSON.parse((await run("fix", ["--json"])).out)).toMatchObject({ kind: "fix", question: "Waiting for a person." });
});

test("--kind answers that and nothing else", async () => {
	expect(await run("deploy", ["--kind", "deploy"])).toMatchObject({ answers: ["deploy-1"] });
	await expect(run("deploy", ["--kind", "fix"])).rejects.toThrow("shop #3 asks about the deploy, not the repair. Nothing was answered.");
	await expect(run("deploy", ["--kind", "release"])).rejects.toThrow("--kind is one of plan, deploy, fix.");
});
