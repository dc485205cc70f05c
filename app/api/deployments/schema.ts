import { z } from "zod";
import {
	analyticsQuerySchema,
	answerApprovalSchema,
	approvalIdSchema,
	createDeploymentSchema,
	eventsQuerySchema,
	idempotencyKeyHeader,
	listDeploymentsSchema,
	logLinesQuerySchema,
	messageSchema,
	pushSchema,
	retrySchema,
	stageSchema,
	timelineQuerySchema,
	ulidSchema,
} from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const id = z.object({ id: ulidSchema });
const path = "/api/deployments";
const idempotencyKey = { [idempotencyKeyHeader]: "The same request under the same key makes one deployment." };

export const createDeployment = operation({
	method: "POST",
	path,
	summary: "Deploy a repository, a folder that was sent, or a product described in words",
	access: "login",
	body: createDeploymentSchema,
	headers: idempotencyKey,
	answer: { status: 202, description: "{deployment, events}: the deployment and its first event, before any work starts." },
});

export const listDeployments = operation({
	method: "GET",
	path,
	summary: "List deployments, newest first",
	access: "login",
	query: listDeploymentsSchema,
	answer: { status: 200, description: "{deployments, nextCursor}" },
});

export const readAnalytics = operation({
	method: "GET",
	path: "/api/analytics",
	summary: "Show how deployments of the last days went",
	access: "login",
	query: analyticsQuerySchema,
	answer: { status: 200, description: "{analytics}: counts, durations and failures, from what was stored." },
});

export const getDeployment = operation({
	method: "GET",
	path: `${path}/{id}`,
	summary: "Show a deployment",
	access: "login",
	params: id,
	answer: { status: 200, description: "{deployment}: the fold of its events." },
});

export const readEvents = operation({
	method: "GET",
	path: `${path}/{id}/events`,
	summary: "Read events after a cursor, waiting for new ones; with Accept: text/event-stream, follow them",
	access: "login",
	params: id,
	query: eventsQuerySchema,
	headers: { "last-event-id": "Where a follower goes on; its ids are `<epoch>/<seq>`." },
	answer: { status: 200, description: "{epoch, min, head, closed, events, activity}, or server-sent events." },
});

export const cancelDeployment = command("cancel", "End a deployment and all its processes");
export const pauseDeployment = command("pause", "Pause a deployment after the stage that runs");
export const resumeDeployment = command("resume", "Go on with a paused deployment");

const approval = id.extend({ aid: approvalIdSchema });

export const showApproval = operation({
	method: "GET",
	path: `${path}/{id}/approvals/{aid}`,
	summary: "Show what a person is asked; of a deploy, what it would change for visitors",
	access: "login",
	params: approval,
	answer: { status: 200, description: "{approval, plan, changes, fix}" },
});

export const answerApproval = operation({
	method: "POST",
	path: `${path}/{id}/approvals/{aid}`,
	summary: "Approve or reject what a deployment waits for; the first answer counts",
	access: "login",
	params: approval,
	body: answerApprovalSchema,
	answer: { status: 202, description: "{deployment}" },
});

export const retryDeployment = operation({
	method: "POST",
	path: `${path}/{id}/retry`,
	summary: "Deploy again from a stage, with what was recorded before it",
	access: "login",
	params: id,
	body: retrySchema,
	headers: idempotencyKey,
	answer: { status: 202, description: "{deployment, events}: the new deployment and its first event." },
});

export const sendMessage = operation({
	method: "POST",
	path: `${path}/{id}/messages`,
	summary: "Ask for a change of a product that was made from a brief",
	access: "login",
	params: id,
	body: messageSchema,
	headers: idempotencyKey,
	answer: { status: 202, description: "{deployment, events}: the new deployment of the same project, and its first event." },
});

export const readSourceZip = operation({
	method: "GET",
	path: `${path}/{id}/source.zip`,
	summary: "Download the product that was written from a brief",
	access: "login",
	params: id,
	answer: { status: 200, description: "Its files in a folder of its name.", mediaType: "application/zip" },
});

export const showPushRemote = operation({
	method: "GET",
	path: `${path}/{id}/push`,
	summary: "Show where the product was pushed to last",
	access: "login",
	params: id,
	answer: { status: 200, description: "{remote}: null before the first push." },
});

export const pushProduct = operation({
	method: "POST",
	path: `${path}/{id}/push`,
	summary: "Push the product that was written from a brief to a git repository",
	access: "login",
	params: id,
	body: pushSchema,
	answer: { status: 200, description: "{push}: the branch and the commit it is at. What others have committed is never overwritten." },
});

export const readLog = operation({
	method: "GET",
	path: `${path}/{id}/log`,
	summary: "Read the log as text",
	access: "login",
	params: id,
	query: z.object({ stage: stageSchema.optional(), format: z.literal("text").default("text") }),
	answer: { status: 200, description: "One line of output a line.", mediaType: "text/plain" },
});

export const readLogLines = operation({
	method: "GET",
	path: `${path}/{id}/log/lines`,
	summary: "Read the newest lines of the log, or those before a line",
	access: "login",
	params: id,
	query: logLinesQuerySchema,
	answer: { status: 200, description: "{first, last, lines}: at most 5,000 lines and about 1 MB, oldest first." },
});

export const readTimeline = operation({
	method: "GET",
	path: `${path}/{id}/timeline`,
	summary: "Read the newest events besides the log, or those before a seq",
	access: "login",
	params: id,
	query: timelineQuerySchema,
	answer: { status: 200, description: "{events, more}, oldest first." },
});

export const readTiming = operation({
	method: "GET",
	path: `${path}/{id}/timing`,
	summary: "Show when stages and phases began and ended, and what earlier deployments of the project took",
	access: "login",
	params: id,
	answer: { status: 200, description: "{timing}, from what was stored." },
});

export const readMetrics = operation({
	method: "GET",
	path: `${path}/{id}/metrics`,
	summary: "Show what a deployment took and made: total time, files written, calls of models and their tokens",
	access: "login",
	params: id,
	answer: { status: 200, description: "{metrics}, from what was stored; a cost of null is not known." },
});

export const compareDeployments = operation({
	method: "GET",
	path: `${path}/{id}/compare`,
	summary: "Show a deployment beside another one, or beside the newest before it",
	access: "login",
	params: id,
	query: z.object({ with: ulidSchema.optional() }),
	answer: {
		status: 200,
		description: "{comparison}: times, plans, names of variables, artifacts and logs; null where there is no other one.",
	},
});

export const listArtifacts = operation({
	method: "GET",
	path: `${path}/{id}/artifacts`,
	summary: "List the files a deployment made",
	access: "login",
	params: id,
	answer: { status: 200, description: "{artifacts}" },
});

export const readArtifact = operation({
	method: "GET",
	path: `${path}/{id}/artifacts/{name}`,
	summary: "Download a file a deployment made",
	access: "login",
	params: z.object({ id: ulidSchema, name: z.string().regex(/^\P{Cc}{1,200}$/u) }),
	answer: { status: 200, description: "The file.", mediaType: "application/octet-stream" },
});

export const readArtifactArchive = operation({
	method: "GET",
	path: `${path}/{id}/artifacts/archive`,
	summary: "Download all files a deployment made as one zip",
	access: "login",
	params: id,
	answer: { status: 200, description: "A zip with every artifact under its name.", mediaType: "application/zip" },
});

function command(name: string, summary: string) {
	return operation({
		method: "POST",
		path: `${path}/{id}/${name}`,
		summary,
		access: "login",
		params: id,
		answer: { status: 202, description: "{deployment}" },
	});
}
