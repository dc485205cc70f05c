import type { Client } from "../../../lib/client/client.ts";
import { subject } from "../../../lib/deployment/approvals.ts";
import type { DeploymentView } from "../../../lib/deployment/state.ts";
import { AppError } from "../../../lib/errors.ts";
import {
	type AnswerApproval,
	type ApprovalKind,
	approvalKinds,
	commandText,
	type PlanOverrides,
	type ReleaseChanges,
	type WaitingApproval,
} from "../../../lib/protocol/index.ts";
import type { Command, Flags } from "../command.ts";
import { exitCode, UsageError } from "../exit-code.ts";
import type { Output } from "../output.ts";
import { readWords } from "../words.ts";

export const approve: Command = {
	name: "approve",
	takes: "<deployment | project>",
	summary: "Answer what a deployment waits for: its plan, its release, or a repair",
	details: [
		"Your API token must be one that may answer approvals. The first answer counts.",
		"A rejected deployment ends as cancelled; nothing of it is released. A rejected repair leaves the failure as it is.",
	],
	words: [1, 1],
	options: {
		kind: { type: "string", value: "KIND", help: `Answer only if this is what is asked: ${approvalKinds.join(", ")}` },
		show: { type: "boolean", help: "Show what is asked, and answer nothing" },
		reject: { type: "boolean", help: "Reject it instead" },
		note: { type: "string", value: "TEXT", help: "Why, for the record" },
		edit: { type: "string", value: "FILE", help: "Approve the plan with these changes: JSON as in quayside.json" },
	},
	async run({ words: [word = ""], flags, output, client: connect }) {
		const expected = kindOf(flags);
		const body = await answerOf(flags);
		const client = await connect();
		const waiting = await findWaiting(client, word);
		const { deploymentId, id, kind, project, number, text } = waiting;
		// Whoever answers without looking must not allow something else than they think of.
		if (expected !== undefined && expected !== kind)
			throw new UsageError(`${project.slug} #${number} asks about ${subject[kind]}, not ${subject[expected]}. Nothing was answered.`);
		if (flags.has("show")) {
			await show(client, waiting, output);
			return exitCode.ok;
		}
		if (!output.json) output.note(questionOf(waiting));
		const { status } = await client.deployments.answer(deploymentId, id, body);
		const answered = { type: "answer", id: deploymentId, approval: id, kind, question: text, project: project.slug, number, status };
		if (output.json) output.record({ ...answered, ...body });
		else output.line(`${body.decision === "approve" ? "Approved" : "Rejected"}: ${subject[kind]} of ${project.slug} #${number}`);
		return exitCode.ok;
	},
};

const questionOf = ({ project, number, text }: WaitingApproval): string => `${project.slug} #${number}  ${text}`;

function kindOf(flags: Flags): ApprovalKind | undefined {
	const word = flags.text("kind");
	const kind = approvalKinds.find((one) => one === word);
	if (word !== undefined && kind === undefined) throw new UsageError(`--kind is one of ${approvalKinds.join(", ")}.`);
	return kind;
}

async function answerOf(flags: Flags): Promise<AnswerApproval> {
	const note = flags.text("note");
	const file = flags.text("edit");
	const decision = flags.has("reject") ? "reject" : "approve";
	if (file !== undefined && decision === "reject")
		throw new UsageError("--edit changes a plan that is approved; it does not go with --reject.");
	return { decision, ...(note !== undefined && { note }), ...(file !== undefined && { edit: await readEdit(file) }) };
}

/** The server checks what it says. */
async function readEdit(file: string): Promise<PlanOverrides> {
	const text = await readWords(file, "the changes");
	try {
		return JSON.parse(text) as PlanOverrides;
	} catch {
		throw new UsageError(`${file} is not JSON.`);
	}
}

/** What waits in the deployment of this id, or of this project. */
async function findWaiting(client: Client, word: string): Promise<WaitingApproval> {
	const waiting = await client.deployments.approvals();
	const found = waiting.filter(({ deploymentId, project }) => deploymentId === word.toUpperCase() || project.slug === word);
	const [first, ...others] = found;
	if (first && others.length === 0) return first;
	if (!first)
		throw new AppError("not_found", {
			message: `Nothing of “${word}” waits for your answer.`,
			action: "“quayside list” shows your projects, “quayside status” how a deployment stands.",
		});
	throw new AppError("conflict", {
		message: `${found.length} deployments of ${word} wait for an answer.`,
		action: `Name one: ${found.map(({ deploymentId, number, kind }) => `${deploymentId} (#${number}, ${kind})`).join(", ")}.`,
	});
}

async function show(client: Client, waiting: WaitingApproval, output: Output): Promise<void> {
	const { deploymentId, id, project, number } = waiting;
	const [deployment, { approval, changes, fix }] = await Promise.all([
		client.deployments.get(deploymentId),
		client.deployments.approval(deploymentId, id),
	]);
	if (output.json)
		return output.record({ type: "approval", deployment: deploymentId, project: project.slug, number, approval, changes, fix });
	output.line(questionOf(waiting));
	const told = fix ? [fix.title] : changes ? changesOf(changes) : planOf(deployment);
	for (const line of told) output.line(`  ${line}`);
	// As it is, so that other programs can read it.
	if (fix) output.raw(fix.diff);
}

function planOf({ plan }: DeploymentView): string[] {
	if (!plan) return [];
	const commands = { install: plan.install, build: plan.build, test: plan.test, start: plan.start };
	const told = Object.entries(commands).flatMap(([step, command]) =>
		command === null ? [] : [`${step.padEnd(7)}  ${commandText(command)}`],
	);
	return [plan.summary, ...told, ...plan.warnings.map((warning) => `warning: ${warning}`)];
}

function changesOf({ target, live, commit, env, plan }: ReleaseChanges): string[] {
	const names = [
		...env.added.map((name) => `+${name}`),
		...env.removed.map((name) => `-${name}`),
		...env.changed.map((name) => `~${name}`),
	];
	return [
		`target: ${target}`,
		live ? `live now: deployment ${live.number}${live.commit === null ? "" : `, ${live.commit.slice(0, 7)}`}` : "live now: nothing",
		...(commit === null ? [] : [`commit: ${commit.slice(0, 7)}`]),
		`variables: ${names.join(" ") || "as they are"}`,
		...plan.map(({ field, before, after }) => `${field}: ${before} → ${after}`),
	];
}
