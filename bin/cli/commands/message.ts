import type { Call, Command } from "../command.ts";
import { UsageError } from "../exit-code.ts";
import { sendOnce } from "../send.ts";
import { tellStarted, waitOptions } from "../started.ts";
import { deploymentIdOf } from "../target.ts";
import { readWords } from "../words.ts";

/** The words by which the last change is taken back. */
const undo = "undo";

export const message: Command = {
	name: "message",
	takes: "<deployment | project> [text]",
	summary: 'Ask for a change of a product that was made from a brief, as in: quayside message shop "make the header blue"',
	details: [
		"Each change is a new deployment of the same project. What is not understood is said, and changes nothing.",
		"A project stands for its newest deployment, which has to have ended. Ctrl-C stops watching; the deployment goes on.",
	],
	words: [1, 2],
	options: {
		file: { type: "string", value: "FILE", help: "Read the text from a file, or from standard input for “-”" },
		undo: { type: "boolean", help: "Take the last change back" },
		...waitOptions,
	},
	async run(call) {
		const text = await textOf(call);
		const client = await call.client();
		const id = await deploymentIdOf(client, call.words[0] ?? "");
		return tellStarted(client, await sendOnce((key) => client.deployments.message(id, text, key)), call);
	},
};

async function textOf({ words, flags }: Call): Promise<string> {
	const [, word] = words;
	const file = flags.text("file");
	const given = [word, file, flags.has("undo") ? undo : undefined].filter((one) => one !== undefined);
	if (given.length !== 1) throw new UsageError("Say what to change in one way: as a text, with --file, or with --undo.");
	return file === undefined ? (given[0] ?? "") : readWords(file, "the message");
}
