import { failed, type Outcome, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { cloneFailure } from "./clone-failure.ts";
import { type GitRun, type GitSession, runInClone } from "./git.ts";
import { checkoutProgram } from "./git-environment.ts";

export interface CheckedOut {
	commit: string;
	/** First line of the commit's message. */
	subject: string;
	/** null for a tag or a commit. */
	branch: string | null;
	files: number;
	bytes: number;
}

/** Writes the commit's files, unless they are more than the limits allow, and tells what they are. */
export async function checkOut(session: GitSession, revision: string, reporter: Reporter): Promise<Outcome<CheckedOut>> {
	reporter.awaiting("the files to be written");
	const [git, tree, ...limits] = placesAndLimits(session);
	return readCheckOut(session, await runInClone(session, [checkoutProgram, git, tree, revision, ...limits]));
}

/** What the programs that check out are told: the two folders, how many files, how many bytes. */
export function placesAndLimits({ gitDir, treeDir, request }: GitSession): [git: string, tree: string, files: string, bytes: string] {
	const { maxFiles, maxMb } = request.limits;
	return [gitDir, treeDir, String(maxFiles), String(maxMb * 1_000_000)];
}

/** What a run that checked out has said of it. */
export function readCheckOut(session: GitSession, run: GitRun): Outcome<CheckedOut> {
	if (!run.ok || run.tooLarge) return cloneFailure(run, session);
	const { maxFiles, maxMb } = session.request.limits;
	const maxBytes = maxMb * 1_000_000;
	const said = (word: string) =>
		run.stdout
			.split("\n")
			.find((line) => line.startsWith(`${word} `))
			?.slice(word.length + 1) ?? "";
	const [files = 0, bytes = 0] = said("size").split(" ").map(Number);
	if (files === 0) return failed({ code: "repository_empty" });
	if (files > maxFiles) return tooLarge(`The repository has ${files} files; the limit is ${maxFiles}.`);
	if (bytes > maxBytes) return tooLarge(`The repository's files take ${Math.round(bytes / 1_000_000)} MB; the limit is ${maxMb} MB.`);
	const branch = /(?:^|, )HEAD -> refs\/heads\/([^,]+)/.exec(said("names"))?.[1] ?? null;
	return succeeded({ commit: said("commit"), subject: said("subject").slice(0, 500), branch, files, bytes });
}

const tooLarge = (message: string) => failed({ code: "repository_too_large", message });
