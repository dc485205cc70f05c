import type { Client } from "../../lib/client/client.ts";
import { AppError } from "../../lib/errors.ts";
import { ulidSchema } from "../../lib/protocol/index.ts";

/** The deployment that is meant: the one of this id, or the newest one of this project. Throws `ClientError`, `not_found`. */
export async function deploymentIdOf(client: Client, word: string): Promise<string> {
	if (ulidSchema.safeParse(word.toUpperCase()).success) return word.toUpperCase();
	const { deployments } = await client.deployments.list({ project: word, limit: 1 });
	const newest = deployments[0];
	if (newest) return newest.id;
	throw new AppError("not_found", {
		message: `There is no project “${word}” with a deployment that you can see.`,
		action: "“quayside list” shows your projects.",
	});
}
