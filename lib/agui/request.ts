import { contentToText, type RunAgentInput } from "@ag-ui/core";
import { AppError } from "../errors.ts";
import { type CreateDeployment, parseDeployment, parseGitUrl } from "../protocol/index.ts";

/**
 * What a first run asks to deploy: `forwardedProps.deployment`, which is the body of `POST /api/deployments`; or the one repository the
 * last message of the person names; or, where it names none, what the message wants made. Null where there is no message. Throws
 * `bad_request`.
 */
export function requestOf({ forwardedProps, messages }: Pick<RunAgentInput, "forwardedProps" | "messages">): CreateDeployment | null {
	const given: unknown = isRecord(forwardedProps) ? forwardedProps.deployment : undefined;
	if (given !== undefined) return parseDeployment(given);
	const last = messages.findLast(({ role }) => role === "user");
	const text = last?.role === "user" ? contentToText(last.content).trim() : "";
	if (text === "") return null;
	const addresses = new Set(text.split(/\s+/).flatMap(addressIn));
	if (addresses.size > 1)
		throw new AppError("bad_request", { message: "The message names more than one repository.", action: "Name one." });
	const [url] = addresses;
	return parseDeployment({ source: url === undefined ? { type: "brief", text } : { type: "git", url } });
}

/** The repository's address a word of a sentence is, without what sentences put around words. */
function addressIn(word: string): string[] {
	const bare = word.replace(/^[<("'“]+|[>)"'”.,;!?]+$/g, "");
	return /^(?:[a-z]+:\/\/|example:|[\w.-]+@[\w.-]+:)/i.test(bare) && parseGitUrl(bare).ok ? [bare] : [];
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null;
}
