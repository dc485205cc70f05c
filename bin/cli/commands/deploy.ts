import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Client } from "../../../lib/client/client.ts";
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
import { UsageError } from "../exit-code.ts";
import { packFolder } from "../folder.ts";
import { sendOnce } from "../send.ts";
import { tellStarted, waitOptions } from "../started.ts";
import { readStdin } from "../stdin.ts";
import { readWords } from "../words.ts";

type Source = CreateProject["source"];

interface Given {
	source: Source;
	/** As projects of this source have it. */
	url: string;
}

export const deploy: Command = {
	name: "deploy",
	takes: "<url | .>",
	summary: "Deploy a git repository, this folder as it is, or what --brief describes",
	details: [
		"A brief makes a project of its own, or goes to the one of --project. Changes are asked for with “quayside message”.",
		"A folder is sent without what .gitignore and .quaysideignore name, and without .git, node_modules and .env files.",
		"Ctrl-C stops watching; the deployment goes on.",
	],
	words: [0, 1],
	options: {
		brief: { type: "string", value: "TEXT", help: "Make what these words describe, instead of deploying something" },
		"brief-file": { type: "string", value: "FILE", help: "The same with the words of a file, or of standard input for “-”" },
		project: { type: "string", value: "SLUG", help: "Project to deploy to; otherwise the one of this repository or folder" },
		ref: { type: "string", value: "REF", help: "Branch, tag or commit" },
		directory: { type: "string", value: "PATH", help: "Folder of the app within the repository or folder" },
		"token-stdin": { type: "boolean", help: "Read an access token for the git server from standard input" },
		env: { type: "string", multiple: true, value: "NAME=VALUE", help: "Set a variable of the project first; may be repeated" },
		approvals: { type: "string", value: "WHAT", help: "What a person must allow: none, plan, deploy or all" },
		...waitOptions,
	},
	async run(call) {
		const { flags } = call;
		const variables = flags.list("env").map(variableOf);
		const project = slugOf(flags.text("project"));
		const approvals = approvalsOf(flags.text("approvals"));
		const brief = await briefOf(call);
		const client = await call.client();
		const { source, slug } = brief ? { source: brief, slug: project } : await sourceFor(call, client, project, variables);
		const body = { source, ...(slug !== undefined && { project: slug }), ...(approvals && { approvals }) };
		const started = await sendOnce((key) => client.deployments.create(body, key));
		return tellStarted(client, started, call);
	},
};

/** What is to be made, null where something is deployed that is there. */
async function briefOf({ words, flags }: Call): Promise<CreateDeployment["source"] | null> {
	const text = flags.text("brief");
	const file = flags.text("brief-file");
	const ways = [words[0], text, file].filter((one) => one !== undefined);
	if (ways.length === 0) throw new UsageError("“quayside deploy” needs <url | .>, or --brief.");
	if (ways.length > 1) throw new UsageError("Give one of them: an address or a folder, --brief, or --brief-file.");
	if (text === undefined && file === undefined) return null;
	const foreign = ["ref", "directory", "token-stdin", "env"].find(
		(name) => flags.has(name) || flags.text(name) !== undefined || flags.list(name).length > 0,
	);
	if (foreign !== undefined)
		throw new UsageError(`A brief has no --${foreign}.${foreign === "env" ? " “quayside env set” sets variables of its project." : ""}`);
	return { type: "brief", text: text ?? (await readWords(file ?? "", "the brief")) };
}

/** What is deployed, and the project that it goes to, where that is decided here. */
async function sourceFor(
	call: Call,
	client: Client,
	project: string | undefined,
	variables: Variable[],
): Promise<{ source: Source; slug: string | undefined }> {
	const given = await sourceOf(call, client);
	const slug = variables.length > 0 ? await prepareProject(client, given, project, variables) : project;
	return { source: given.source, slug };
}

async function sourceOf({ words, flags, output, signal }: Call, client: Client): Promise<Given> {
	const [what = "."] = words;
	const directory = flags.text("directory");
	const common = directory === undefined ? {} : { directory };
	if (!(await isFolder(what))) {
		const token = flags.has("token-stdin") ? await readStdin("the token") : undefined;
		if (token?.trim() === "") throw new UsageError("The token is empty.");
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
