import { canFollowUp } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type Brief, checkBrief, checkMessage, type DeploymentSource, isUndo, type Outcome } from "../../lib/protocol/index.ts";
import type { Author } from "../agents/brief/author.ts";

type Judge = Pick<Author, "accepts">;

/** A brief as it is recorded. Throws what is wrong with it. */
export async function acceptedBrief(text: string, author: Judge): Promise<string> {
	const brief = orThrow(checkBrief(text));
	orThrow(await author.accepts({ text: brief, messages: [] }));
	return brief;
}

/**
 * What a product is made from after one more message; "undo" takes the last one back. Throws `conflict`, `not_finished`,
 * `message_not_understood`.
 */
export async function followUp(old: DeploymentState, text: string, author: Judge): Promise<DeploymentSource> {
	const { source } = old;
	if (!source?.brief)
		throw new AppError("conflict", {
			message: "Only a product that was made from a brief can be changed by a message.",
			action: "Change its repository and deploy again.",
		});
	if (!canFollowUp(old)) throw new AppError("not_finished");
	const message = orThrow(checkMessage(text, source.brief));
	const messages = isUndo(message) ? withoutLast(source.brief) : [...source.brief.messages, message];
	const brief: Brief = { text: source.brief.text, messages, follow_up: { of: old.id, number: old.number, message } };
	orThrow(await author.accepts(brief));
	return { ...source, brief };
}

function withoutLast({ messages }: Brief): string[] {
	if (messages.length > 0) return messages.slice(0, -1);
	throw new AppError("message_not_understood", {
		message: "There is nothing to undo: this is the product as it was described first.",
		action: "To go back to an older deployment, choose its release on the project's page.",
	});
}

function orThrow<T>(outcome: Outcome<T>): T {
	if (!outcome.ok) throw new AppError(outcome.failure.code, outcome.failure);
	return outcome.value;
}
