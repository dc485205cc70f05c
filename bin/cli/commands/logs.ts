import { text as readText } from "node:stream/consumers";
import type { Client } from "../../../lib/client/client.ts";
import { stageSchema } from "../../../lib/protocol/index.ts";
import type { Call, Command, Flags } from "../command.ts";
import { exitCode, UsageError } from "../exit-code.ts";
import { deploymentIdOf } from "../target.ts";
import { watchDeployment } from "../watch.ts";

export const logs: Command = {
	name: "logs",
	takes: "<deployment | project>",
	summary: "Print the log of a deployment, or what a running app says",
	words: [1, 1],
	options: {
		follow: { type: "boolean", short: "f", help: "Go on with what comes; of a deployment, to its end" },
		runtime: { type: "boolean", help: "What the running app of a project says, and not how it was deployed" },
		stage: { type: "string", value: "STAGE", help: "Only this stage of a deployment" },
		search: { type: "string", value: "TEXT", help: "With --runtime: only lines with this text" },
		lines: { type: "string", value: "COUNT", help: "With --runtime: newest lines to begin with, 500 by default" },
	},
	async run(call) {
		const { words, flags, output, signal } = call;
		const [word = ""] = words;
		const client = await call.client();
		if (flags.has("runtime")) return runtimeLog(call, client, word);
		const id = await deploymentIdOf(client, word);
		if (flags.has("follow")) return watchDeployment(client, id, { output, signal, log: true });
		const stage = flags.text("stage");
		const parsed = stageSchema.optional().safeParse(stage);
		if (!parsed.success) throw new UsageError(`There is no stage “${stage}”. Stages are ${stageSchema.options.join(", ")}.`);
		await print(await client.deployments.log(id, { stage: parsed.data, signal }), call);
		return exitCode.ok;
	},
};

async function print(log: ReadableStream<Uint8Array>, { output }: Call): Promise<void> {
	if (output.json) {
		for (const line of (await readText(log)).split("\n")) if (line !== "") output.record({ type: "log", text: line });
		return;
	}
	for await (const chunk of log.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) output.raw(chunk);
}

const waitS = 20;

async function runtimeLog({ flags, output, signal }: Call, client: Client, project: string): Promise<number> {
	const search = flags.text("search");
	const query = { ...(search !== undefined && { search }), lines: linesOf(flags) };
	let after: string | undefined;
	try {
		do {
			const { log, cursor } = await client.projects.runtimeLog(
				project,
				{ ...query, ...(after !== undefined && { after, wait: waitS }) },
				signal,
			);
			for (const line of log.split("\n")) {
				if (line === "") continue;
				if (output.json) output.record({ type: "log", text: line });
				else output.line(line);
			}
			after = cursor;
		} while (flags.has("follow"));
		return exitCode.ok;
	} catch (error) {
		if (!signal.aborted) throw error;
		return exitCode.detached;
	}
}

function linesOf(flags: Flags): number {
	const text = flags.text("lines") ?? "500";
	const lines = Number(text);
	if (Number.isInteger(lines) && lines >= 1 && lines <= 5000) return lines;
	throw new UsageError(`--lines takes a number from 1 to 5000, not “${text}”.`);
}
