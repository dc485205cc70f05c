import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Client, Started } from "../../../lib/client/client.ts";
import { isAppError } from "../../../lib/errors.ts";
import {
	approvalPolicies,
	type CreateDeployment,
	type CreateProject,
	envNameSchema,
	type ProjectView,
	parseGitUrl,
	slugSchema,
} from "../../../lib/protocol/index.ts";
import type { Call, Command } from "../command.ts";
import { exitCode, UsageError } from "../exit-code.ts";
import { packFolder } from "../folder.ts";
import { readStdin } from "../stdin.ts";
import { watchDeployment } from "../watch.ts";

type Source = CreateProject["source"];

interface Given {
	source: Source;
	/** As projects of this source have it. */
	url: string;
}

const sendTries = 4;

export const deploy: Command = {
	name: "deploy",
	takes: "<url | .>",
	summary: "Deploy a git repository, or this folder as it is",
	details: [
		"A folder is sent without what .gitignore and .quaysideignore name, and without .git, node_modules and .env files.",
		"Ctrl-C stops watching; the deployment goes on.",
	],
	words: [1, 1],
	options: {
		project: { type: "string", value: "SLUG", help: "Project to deploy to; otherwise the one of this repository or folder" },
		ref: { type: "string", value: "REF", help: "Branch, tag or commit" },
		directory: { type: "string", value: "PATH", help: "Folder of the app within the repository or folder" },
		"token-stdin": { type: "boolean", help: "Read an access token for the git server from standard input" },
		env: { type: "string", multiple: true, value: "NAME=VALUE", help: "Set a variable of the project first; may be repeated" },
		approvals: { type: "string", value: "WHAT", help: "What a person must allow: none, plan, deploy or all" },
		"no-wait": { type: "boolean", help: "Do not wait until it has ended" },
		wait: { type: "boolean", help: "Wait until it has ended, which is the default" },
	},
	async run(call) {
		const { flags, output, signal } = call;
		const variables = flags.list("env").map(variableOf);
		const project = slugOf(flags.text("project"));
		const approvals = approvalsOf(flags.text("approvals"));
		const client = await call.client();
		const { source, url } = await sourceOf(call, client);
		const slug = variables.length > 0 ? await prepareProject(client, { source, url }, project, variables) : project;
		const { deployment } = await send(client, { source, ...(slug !== undefined && { project: slug }), ...(approvals && { approvals }) });
		if (flags.has("no-wait")) {
			if (output.json) output.record({ type: "started", id: deployment.id, project: deployment.project.slug, number: deployment.number });
			else output.line(`Deployment ${deployment.number} of ${deployment.project.slug} has begun: ${deployment.id}`);
			return exitCode.ok;
		}
		if (!output.json) output.note(`Deployment ${deployment.number} of ${deployment.project.slug}, ${deployment.id}`);
		return watchDeployment(client, deployment.id, { output, signal });
	},
};

async function sourceOf({ words, flags, output, signal }: Call, client: Client): Promise<Given> {
	const [what = "."] = words;
	const directory = flags.text("directory");
	const common = directory === undefined ? {} : { directory };
	if (!(await isFolder(what))) {
		const token = flags.has("token-stdin") ? await readStdin("the token") : undefined;
		const ref = flags.text("ref");
		const parsed = parseGitUrl(what);
		const source: Source = { type: "git", url: what, ...common, ...(ref !== undefined && { ref }), ...(token && { token }) };
		return { source, url: parsed.ok ? parsed.value.url : what };
	}
	if (flags.text("ref") !== undefined || flags.has("token-stdin")) throw new UsageError("A folder has no --ref and needs no token.");
	const { body, files, leftOut } = await packFolder(what);
	for (const path of leftOut) output.note(`Left out: ${path}.`);
	output.status(`Sending ${files} files…`);
	const upload = await client.uploads.create(body, { name: basename(resolve(what)).replace(/[:\\\p{Cc}]/gu, "-") || "folder", signal });
	output.status("");
	return { source: { type: "upload", id: upload.id, ...common }, url: `upload:${upload.name}` };
}

/** An address wins over a folder of the same name, so that a folder is written with a dot or a slash in front. */
async function isFolder(what: string): Promise<boolean> {
	if (!/^(?:\.{1,2}$|\.{0,2}\/|~)/.test(what)) return false;
	const found = await stat(what).catch(() => null);
	if (found?.isDirectory()) return true;
	throw new UsageError(`There is no folder ${what}.`);
}

/** Variables belong to a project, so it is there before its first deployment. */
async function prepareProject(client: Client, given: Given, wanted: string | undefined, variables: Variable[]): Promise<string> {
	const { source } = given;
	const existing = await findProject(client, given, wanted);
	const { slug } = existing ?? (await client.projects.create({ source, ...(wanted !== undefined && { slug: wanted }) }));
	for (const variable of variables) await client.projects.setEnv(slug, variable);
	return slug;
}

async function findProject(client: Client, { source, url }: Given, wanted: string | undefined): Promise<ProjectView | undefined> {
	if (wanted !== undefined)
		return client.projects.get(wanted).catch((error: unknown) => {
			if (isAppError(error) && error.code === "not_found") return undefined;
			throw error;
		});
	const directory =
		source.directory
			?.split("/")
			.filter((part) => part !== "" && part !== ".")
			.join("/") || null;
	return (await client.projects.list()).find((project) => project.source.url === url && project.source.directory === directory);
}

/** One deployment, however often it has to be sent. */
async function send(client: Client, body: CreateDeployment): Promise<Started> {
	const idempotencyKey = randomUUID();
	for (let tries = 1; ; tries++) {
		try {
			return await client.deployments.create(body, { idempotencyKey });
		} catch (error) {
			if (!isAppError(error) || error.code !== "unreachable" || tries >= sendTries) throw error;
		}
	}
}

interface Variable {
	name: string;
	value: string;
}

function variableOf(text: string): Variable {
	const at = text.indexOf("=");
	const name = text.slice(0, at);
	if (at < 1 || !envNameSchema.safeParse(name).success)
		throw new UsageError(`--env takes NAME=VALUE, not “${text.slice(0, Math.max(at, 0)) || text}”.`);
	return { name, value: text.slice(at + 1) };
}

function approvalsOf(text: string | undefined): CreateDeployment["approvals"] {
	const policy = approvalPolicies.find((known) => known === text);
	if (text === undefined || policy) return policy;
	throw new UsageError(`--approvals takes ${approvalPolicies.join(", ")}, not “${text}”.`);
}

function slugOf(text: string | undefined): string | undefined {
	if (text === undefined || slugSchema.safeParse(text).success) return text;
	throw new UsageError(`“${text}” is not a project: small letters, digits and dashes, 40 at most.`);
}
