import { join, posix } from "node:path";
import { errorCatalogue } from "../../lib/errors.ts";
import {
	failed,
	isSameGitServer,
	type Outcome,
	parseGitUrl,
	type Reporter,
	succeeded,
	type WorkFailure,
} from "../../lib/protocol/index.ts";
import { cloneFailure } from "./clone-failure.ts";
import type { CloneRequest } from "./clone-request.ts";
import { fetchAndCheckOut } from "./fetch-commit.ts";
import { type GitSession, runInClone } from "./git.ts";
import { submodulesProgram } from "./git-environment.ts";
import { openWorkspace } from "./workspace.ts";

/** What is left of a clone's limits, counted over all of its submodules. */
export interface Budget {
	files: number;
	mb: number;
	submodules: number;
}

interface Submodule {
	/** Folder within the repository it belongs to. */
	path: string;
	commit: string;
	/** As `.gitmodules` has it; null when it names none. */
	url: string | null;
}

export const maxSubmodules = 50;
const maxDepth = 3;

/**
 * Fetches the submodules of what a session has checked out, and theirs, at the commits that are recorded, under the rules of the
 * clone itself: only http, https and ssh, only allowed addresses, and the project's token and key for its own server alone.
 */
export async function fetchSubmodules(
	session: GitSession,
	revision: string,
	budget: Budget,
	reporter: Reporter,
	depth = 1,
): Promise<Outcome<null>> {
	const tree = await openWorkspace(join(session.workDir, session.treeDir), null);
	if (!(await tree.isFile(".gitmodules"))) return succeeded(null);
	const listed = await listSubmodules(session, revision);
	if (!listed.ok) return listed;
	for (const submodule of listed.value) {
		if (submodule.url === null) {
			reporter.output(`warning: ${submodule.path} is a submodule, but .gitmodules has no address for it. It stays empty.\n`, "quayside");
			continue;
		}
		if (depth > maxDepth)
			return named(submodule, { code: "repository_too_large", message: `Submodules lie more than ${maxDepth} deep in each other.` });
		if (--budget.submodules < 0)
			return named(submodule, { code: "repository_too_large", message: `There are more than ${maxSubmodules} submodules.` });
		const fetched = await fetchSubmodule(session, submodule, submodule.url, budget, reporter, depth);
		if (!fetched.ok) return fetched;
	}
	return succeeded(null);
}

async function fetchSubmodule(
	parent: GitSession,
	submodule: Submodule,
	url: string,
	budget: Budget,
	reporter: Reporter,
	depth: number,
): Promise<Outcome<null>> {
	const parsed = parseGitUrl(absoluteUrl(parent.address.url, url));
	if (!parsed.ok || !["http", "https", "ssh"].includes(parsed.value.transport))
		return named(submodule, {
			code: "invalid_url",
			message: "Its address in .gitmodules is none that can be cloned.",
			action: "Use an https or ssh address there.",
		});
	const address = parsed.value;
	reporter.progress(`Fetching the submodule ${submodule.path} from ${address.host}`);
	const session: GitSession = {
		...parent,
		address,
		gitDir: `modules/${maxSubmodules - budget.submodules}`,
		treeDir: `${parent.treeDir}/${submodule.path}`,
		request: requestFor(parent.request, address.url, submodule.commit, budget),
	};
	const fetched = await fetchAndCheckOut(session, reporter);
	if (!fetched.ok) return named(submodule, fetched.failure);
	const { revision, checkedOut } = fetched.value;
	budget.files -= checkedOut.files;
	budget.mb -= checkedOut.bytes / 1_000_000;
	return fetchSubmodules(session, revision, budget, reporter, depth + 1);
}

/** `url` of the request stays the project's own: its server is the one that may be told the project's secrets. */
function requestFor(request: CloneRequest, url: string, commit: string, budget: Budget): CloneRequest {
	const isOwnServer = isSameGitServer(request.url, url);
	return {
		...request,
		ref: commit,
		token: isOwnServer ? request.token : null,
		ssh: isOwnServer ? request.ssh : { ...request.ssh, key: null },
		limits: { ...request.limits, maxFiles: Math.max(0, budget.files), maxMb: Math.max(1, Math.floor(budget.mb)) },
	};
}

async function listSubmodules(session: GitSession, revision: string): Promise<Outcome<Submodule[]>> {
	const run = await runInClone(session, [submodulesProgram, session.gitDir, revision]);
	if (!run.ok) return cloneFailure(run, session);
	const [links = "", ...settings] = run.stdout.split("\0");
	const values = new Map(settings.map((setting) => [setting.slice(0, setting.indexOf("\n")), setting.slice(setting.indexOf("\n") + 1)]));
	const urls = new Map(
		[...values].flatMap(([key, value]) =>
			key.endsWith(".path") ? [[value, values.get(`${key.slice(0, -"path".length)}url`) ?? null] as const] : [],
		),
	);
	return succeeded(
		links.split("\n").flatMap((line) => {
			const { commit, path } = /^160000 commit (?<commit>[0-9a-f]{40,64})\t(?<path>[^"].*)$/.exec(line)?.groups ?? {};
			return commit && path ? [{ commit, path, url: urls.get(path) ?? null }] : [];
		}),
	);
}

/** An address that begins with a dot goes on from that of the repository it stands in, as git has it. */
function absoluteUrl(parent: string, url: string): string {
	if (!/^\.\.?\//.test(url)) return url;
	if (/^[a-z]+:\/\//i.test(parent)) return URL.parse(url, `${parent.replace(/\/$/, "")}/`)?.href ?? url;
	const colon = parent.indexOf(":") + 1;
	return parent.slice(0, colon) + posix.join(parent.slice(colon), url);
}

function named({ path }: Submodule, failure: WorkFailure): { ok: false; failure: WorkFailure } {
	const why = failure.message ?? errorCatalogue[failure.code].message;
	return failed({ ...failure, message: `The submodule “${path}” could not be fetched. ${why}` });
}
