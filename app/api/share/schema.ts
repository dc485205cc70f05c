import { z } from "zod";
import { createShareSchema, logLinesQuerySchema, shareTokenSchema, storyQuerySchema, ulidSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const id = z.object({ id: ulidSchema });
const shareToken = z.object({ token: shareTokenSchema });
const ofDeployment = "/api/deployments/{id}/share";
const path = "/api/share/{token}";

export const createShare = operation({
	method: "POST",
	path: ofDeployment,
	summary: "Make a link under which anybody sees how a finished deployment went",
	access: "login",
	params: id,
	body: createShareSchema,
	answer: { status: 201, description: "{token, share}: the page is /share/<token>; the token is shown in this answer only." },
});

export const listShares = operation({
	method: "GET",
	path: ofDeployment,
	summary: "List the links to a deployment that still open",
	access: "login",
	params: id,
	answer: { status: 200, description: "{shares}" },
});

export const revokeShares = operation({
	method: "DELETE",
	path: ofDeployment,
	summary: "Revoke one link to a deployment, or all of them",
	access: "login",
	params: id,
	query: z.object({ share: ulidSchema.optional() }),
	answer: { status: 204, description: "They no longer open." },
});

export const openShare = operation({
	method: "GET",
	path,
	summary: "Show a shared deployment",
	access: "open",
	params: shareToken,
	answer: { status: 200, description: "{shared}: how it ended, without whose it is and where it lies, and where its log stood over time." },
});

export const readSharedStory = operation({
	method: "GET",
	path: `${path}/story`,
	summary: "Read what a shared deployment did, besides its log",
	access: "open",
	params: shareToken,
	query: storyQuerySchema,
	answer: { status: 200, description: "{events, next}, oldest first; `next` is the `after` of the next page, null where there is none." },
});

export const readSharedLogLines = operation({
	method: "GET",
	path: `${path}/log/lines`,
	summary: "Read the newest lines of a shared deployment's log, or those before a line",
	access: "open",
	params: shareToken,
	query: logLinesQuerySchema,
	answer: { status: 200, description: "{first, last, lines}, oldest first." },
});
