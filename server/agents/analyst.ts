import { formatBytes, formatCount, formatDuration } from "../../lib/format.ts";
import { type Outcome, projectNameOf, type Stage, succeeded } from "../../lib/protocol/index.ts";
import { exists } from "../exec/tree-files.ts";
import { clone } from "../source/clone.ts";
import type { CloneLimits } from "../source/clone-request.ts";
import { copyExample } from "../source/example.ts";
import { facts } from "../source/facts.ts";
import { scanForSecrets } from "../source/secret-scan.ts";
import { openWorkspace } from "../source/workspace.ts";
import type { Agent, StageResult, Work } from "./agent.ts";
import { sourceOf } from "./source-of.ts";

export interface AnalystOptions {
	allowPrivateGit: boolean;
	limits: Omit<CloneLimits, "timeoutMs">;
}

/** Gets the repository and looks at it: clone, analyze. */
export function createAnalyst(options: AnalystOptions): Agent {
	return {
		name: "Analyst",
		opening: (stage, { source }) =>
			stage === "clone" ? `Cloning repository ${projectNameOf(source?.url ?? "")}…` : "Reading the repository's files.",
		perform: (stage: Stage, work: Work) => (stage === "clone" ? cloneSource(work, options) : analyze(work, options)),
	};
}

async function cloneSource(work: Work, options: AnalystOptions): Promise<Outcome<StageResult>> {
	const cloned = await fetchSource(work, work.attemptId, work.state.source?.ref ?? null, options);
	if (!cloned.ok) return cloned;
	const { commit, subject, files, bytes, durationMs } = cloned.value;
	const name = projectNameOf(work.state.source?.url ?? "");
	const facts = { files, size: formatBytes(bytes), commit: commit.slice(0, 7) };
	const text = `Cloned ${name}, ${formatCount(files, "file")}, ${formatBytes(bytes)}, ${formatDuration(durationMs)}`;
	return succeeded({ text, facts, output: { source: work.attemptId, commit, commit_subject: subject } });
}

async function analyze(work: Work, options: AnalystOptions): Promise<Outcome<StageResult>> {
	const root = await ensureSource(work, options);
	if (!root.ok) return root;
	const workspace = await openWorkspace(root.value, work.state.source?.directory ?? null);
	work.reporter.awaiting("the files to be counted");
	const found = await facts(workspace);
	const languages = found.languages.map(({ name, percent }) => `${name} ${percent} %`).join(", ") || "no known language";
	work.reporter.progress(`Found ${formatCount(found.files, "file")}: ${languages}`, 50);
	work.reporter.awaiting("the search for secrets in the files");
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

/** Host folder of the source; one that is not on this node any more is fetched again at the recorded commit. */
export async function ensureSource(work: Work, options: AnalystOptions): Promise<Outcome<string>> {
	const { id, commit } = sourceOf(work.state);
	const folder = work.sourceDir(id);
	if (await exists(folder)) return succeeded(folder);
	const cloned = await fetchSource(work, id, commit, options);
	return cloned.ok ? succeeded(folder) : cloned;
}

async function fetchSource(work: Work, id: string, ref: string | null, { allowPrivateGit, limits }: AnalystOptions) {
	const { source } = work.state;
	if (!source) throw new Error("A deployment without a source cannot be cloned.");
	if (source.url.startsWith("example:")) return copyExample(source.url, work.sourceDir(id), work.attemptId);
	return clone(
		{
			url: source.url,
			ref,
			directory: source.directory,
			token: await work.gitToken(),
			into: work.sourceDir(id),
			mark: work.attemptId,
			limits: { ...limits, timeoutMs: work.deadlineMs },
			allowPrivate: allowPrivateGit,
			signal: work.signal,
		},
		{ sandbox: work.sandbox, reporter: work.reporter },
	);
}
