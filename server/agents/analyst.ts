import type { DeploymentState } from "../../lib/deployment/state.ts";
import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { failed, type Outcome, projectNameOf, type Stage, type StageOutput, succeeded } from "../../lib/protocol/index.ts";
import { exists } from "../exec/tree-files.ts";
import { layOver } from "../fixes/overlay.ts";
import { clone } from "../source/clone.ts";
import type { CloneLimits, CloneRequest } from "../source/clone-request.ts";
import { copyFolder } from "../source/copy-folder.ts";
import { copyExample } from "../source/example.ts";
import { facts } from "../source/facts.ts";
import { countUnfetched, lfsPointers } from "../source/lfs.ts";
import { findRemoteCommit } from "../source/remote-commit.ts";
import { scanForSecrets } from "../source/secret-scan.ts";
import { openWorkspace } from "../source/workspace.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { ensureProduct } from "./brief/agents.ts";
import { keepFixes } from "./keep-fixes.ts";
import { findReusable } from "./reuse.ts";
import { builtSourceOf, patchesOf, sourceOf } from "./source-of.ts";

export interface AnalystOptions {
	allowPrivateGit: boolean;
	limits: Omit<CloneLimits, "timeoutMs">;
}

/** Gets the repository and looks at it: clone, analyze. */
export function createAnalyst(options: AnalystOptions): Agent {
	return {
		name: "Analyst",
		opening: (stage, { source }) =>
			stage !== "clone"
				? "Reading the repository's files."
				: `${source?.type === "upload" ? "Taking the uploaded folder" : "Cloning repository"} ${projectNameOf(source?.url ?? "")}…`,
		perform: (stage: Stage, work: Work) => (stage === "clone" ? cloneSource(work, options) : analyze(work, options)),
	};
}

async function cloneSource(work: Work, options: AnalystOptions): Promise<Outcome<StageResult>> {
	const kept = await keepSource(work, options);
	if (kept !== null) return succeeded(kept);
	const cloned = await fetchSource(work, work.attemptId, work.state.source?.ref ?? null, options);
	if (!cloned.ok) return cloned;
	const { commit, subject, files, bytes, durationMs } = cloned.value;
	const name = projectNameOf(work.state.source?.url ?? "");
	const facts = { files, size: formatBytes(bytes), commit: commit.slice(0, 7) };
	const text = `${work.state.source?.type === "upload" ? "Took" : "Cloned"} ${name}, ${formatCount(files, "file")}, ${formatBytes(bytes)}, ${formatDuration(durationMs)}`;
	return succeeded({ text, facts, output: { source: work.attemptId, commit, commit_subject: subject } });
}

/** The stored files of an earlier deployment, when the git server says that they are still what a clone would fetch. */
async function keepSource(work: Work, options: AnalystOptions): Promise<StageResult | null> {
	const { source } = work.state;
	if (!source || source.upload !== undefined || source.url.startsWith("example:")) return null;
	const sameSource = (earlier: DeploymentState) => earlier.source?.url === source.url && earlier.source.directory === source.directory;
	const folderOf = ({ source: id }: StageOutput) => (id === undefined ? null : work.sourceDir(id));
	const any = await findReusable(work, "clone", (earlier, output) => (sameSource(earlier) ? folderOf(output) : null));
	if (any === null) return null;
	const startedAt = performance.now();
	work.reporter.awaiting("the git server to say which commit is the newest");
	const commit = await findRemoteCommit(await cloneRequest(work, work.attemptId, source.ref, options), work);
	if (commit === null) return null;
	const found = await findReusable(work, "clone", (earlier, output) =>
		sameSource(earlier) && output.commit === commit ? folderOf(output) : null,
	);
	// What git-lfs could not fetch then it may fetch now.
	if (found === null || (await countUnfetched(work.sourceDir(found.stage.output.source ?? ""), work.signal)) > 0) return null;
	const took = formatDuration(performance.now() - startedAt);
	return {
		text: `Kept the files of commit ${commit.slice(0, 7)}, fetched in deployment ${found.deployment.number}, ${took}`,
		facts: found.stage.facts,
		output: found.stage.output,
		reused: true,
	};
}

async function analyze(work: Work, options: AnalystOptions): Promise<Outcome<StageResult>> {
	const root = await ensureClone(work, options);
	if (!root.ok) return root;
	const workspace = await openWorkspace(root.value, work.state.source?.directory ?? null);
	await keepFixes(work, root.value);
	work.reporter.awaiting("the files to be counted");
	const found = await facts(workspace);
	const languages = found.languages.map(({ name, percent }) => `${name} ${percent} %`).join(", ") || "no known language";
	work.reporter.progress(`Found ${formatCount(found.files, "file")}: ${languages}`, 50);
	work.reporter.awaiting("the search for secrets in the files");
	const pointers = await lfsPointers(workspace, work.signal);
	if (pointers.length > 0) work.reporter.output(`warning: ${lfsWarning(pointers)}\n`, "quayside");
	const scan = await scanForSecrets(workspace, work.signal);
	for (const { file, line, kind } of scan.findings) {
		work.reporter.output(
			`warning: ${file}${line === null ? "" : `:${line}`} looks like it holds ${kind}. Whoever can read the repository can read it.\n`,
			"quayside",
		);
	}
	const secrets = scan.findings.length === 0 ? "no secrets seen" : `${formatCount(scan.findings.length, "possible secret")} seen`;
	const text = `Read ${formatCount(found.files, "file")}: ${languages}; ${secrets}`;
	return succeeded({ text, facts: { files: found.files, languages, secrets: scan.findings.length }, output: {}, response: `${text}.` });
}

function lfsWarning(pointers: readonly string[]): string {
	const [verb, noun] = pointers.length === 1 ? ["is", "a Git LFS pointer"] : ["are", "Git LFS pointers"];
	const some = pointers.slice(0, 3).join(", ") + (pointers.length > 3 ? ", …" : "");
	return `${formatCount(pointers.length, "file")} ${verb} ${noun}, not the file itself: ${some}. Install git-lfs on this machine and deploy again, or commit the files themselves.`;
}

/**
 * Host folder of the source that is planned and built. One that is not on this node any more is fetched again at the recorded commit,
 * and its repairs are laid over it again from the record.
 */
export async function ensureSource(work: Work, options: AnalystOptions): Promise<Outcome<string>> {
	const { state, attemptId: mark, signal } = work;
	const into = work.sourceDir(builtSourceOf(state));
	if (await exists(into)) return succeeded(into);
	const base = await ensureClone(work, options);
	const fixes = patchesOf(state);
	return base.ok && fixes.length > 0 ? layOver({ base: base.value, into, fixes, mark, signal }) : base;
}

async function ensureClone(work: Work, options: AnalystOptions): Promise<Outcome<string>> {
	const { id, commit } = sourceOf(work.state);
	const folder = work.sourceDir(id);
	if (await exists(folder)) return succeeded(folder);
	if (work.state.source?.type === "brief") return ensureProduct(work, id);
	const cloned = await fetchSource(work, id, commit, options);
	return cloned.ok ? succeeded(folder) : cloned;
}

async function fetchSource(work: Work, id: string, ref: string | null, options: AnalystOptions) {
	const { source } = work.state;
	if (!source) throw new Error("A deployment without a source cannot be cloned.");
	if (source.upload !== undefined) return copyUpload(work, source.upload, work.sourceDir(id));
	if (source.url.startsWith("example:")) return copyExample(source.url, work.sourceDir(id), work.attemptId, work.signal);
	return clone(await cloneRequest(work, id, ref, options), work);
}

async function cloneRequest(
	work: Work,
	id: string,
	ref: string | null,
	{ allowPrivateGit, limits }: AnalystOptions,
): Promise<CloneRequest> {
	return {
		url: work.state.source?.url ?? "",
		ref,
		directory: work.state.source?.directory ?? null,
		token: await work.gitToken(),
		ssh: await work.sshAccess(),
		into: work.sourceDir(id),
		mark: work.attemptId,
		limits: { ...limits, timeoutMs: work.deadlineMs },
		allowPrivate: allowPrivateGit,
		signal: work.signal,
	};
}

async function copyUpload({ attemptId, signal, state, uploadDir }: Work, upload: string, into: string) {
	const from = uploadDir(upload);
	if (!(await exists(from))) return failed({ code: "upload_missing" });
	return copyFolder({ from, directory: state.source?.directory ?? null, into, mark: attemptId, subject: "Uploaded folder", signal });
}
