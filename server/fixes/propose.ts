import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { ulid } from "ulid";
import type { FixFile, FixProposal } from "../../lib/protocol/index.ts";
import { secretsIn } from "../source/secret-scan.ts";
import { hashOf, readWhole } from "./read-whole.ts";
import type { Change, Repair, Rule, Trouble } from "./rule.ts";
import { environmentRules } from "./rules/environment.ts";
import { installRules } from "./rules/installs.ts";
import { planRules } from "./rules/plans.ts";
import { sourceRules } from "./rules/sources.ts";

/** All of them; of those that know a cause the first that can repair the failure does. */
export const rules: readonly Rule[] = [...installRules, ...planRules, ...environmentRules, ...sourceRules];

/** A larger diff does not fit into an event, and is none a person reads. */
const maxDiffBytes = 12 * 1024;
const contextLines = 3;

/** The repair of a failure that a rule knows; null where none can do it honestly. Nothing is run, and no network is needed. */
export async function proposeFix(trouble: Trouble): Promise<FixProposal | null> {
	for (const rule of rules) {
		if (!rule.causes.includes(trouble.failure.cause ?? "")) continue;
		const repair = await rule.repair(trouble);
		const proposal = repair && (await proposalOf(repair, trouble));
		if (proposal) return proposal;
	}
	return null;
}

async function proposalOf(repair: Repair, { memoryMb }: Trouble): Promise<FixProposal | null> {
	const files: FixFile[] = [];
	let diff = "";
	for (const change of repair.changes) {
		const changed = await fileOf(change);
		if (changed === null) return null;
		files.push(changed.file);
		diff += changed.diff;
	}
	const { title, buildMemoryMb = null } = repair;
	if (buildMemoryMb !== null)
		diff += `--- project settings\n+++ project settings\n@@ -1 +1 @@\n-buildMemoryMb: ${memoryMb}\n+buildMemoryMb: ${buildMemoryMb}\n`;
	if (diff === "" || Buffer.byteLength(JSON.stringify(diff)) > maxDiffBytes) return null;
	return { id: ulid(), title, diff, files, build_memory_mb: buildMemoryMb };
}

async function fileOf({ files, path: inFolder, text }: Change): Promise<{ file: FixFile; diff: string } | null> {
	const path = files.directory === "" ? inFolder : `${files.directory}/${inFolder}`;
	const before = await readWhole(files, inFolder);
	// What is shown of a file must not hold what nobody should read, and its name must stay one line.
	if (before === "unfit" || before?.text === text || !/^[^\p{Cc}"\\]{1,400}$/u.test(path)) return null;
	if (secretsIn(path, `${before?.text ?? ""}\n${text}`).length > 0) return null;
	const from = before === null ? "/dev/null" : `a/${path}`;
	const diff = createTwoFilesPatch(from, `b/${path}`, before?.text ?? "", text, undefined, undefined, {
		context: contextLines,
		headerOptions: FILE_HEADERS_ONLY,
	});
	return { file: { path, before: before === null ? null : hashOf(before.text), after: hashOf(text) }, diff };
}
