import { ulid } from "ulid";
import { applied, fixArtifact, proposed } from "../../lib/deployment/fixes.ts";
import { appliedFixes } from "../../lib/deployment/selectors.ts";
import { type PatchedTexts, patchTexts } from "../fixes/overlay.ts";
import { openWorkspace } from "../source/workspace.ts";
import type { Work } from "./agent.ts";

/**
 * Takes over the repairs with which the project last went live, as long as the files are those they were made for, and says so: a new
 * deployment must not fail again, or worse, on what was repaired before.
 */
export async function keepFixes(work: Work, sourceDir: string): Promise<void> {
	// An attempt that takes over finds those of the one before it.
	if (work.fixPolicy === "off" || work.state.fixes.length > 0) return;
	const before = (await work.earlier()).find(({ status }) => status === "succeeded");
	const fixes = before ? appliedFixes(before) : [];
	if (!before || fixes.length === 0) return;
	const root = await openWorkspace(sourceDir, null);
	let texts: PatchedTexts = new Map();
	let number = 0;
	for (const { status: _, ...fix } of fixes) {
		const patched = await patchTexts(root, texts, fix);
		if (patched === null) {
			const why = "the file it changes is another one now, so that it is left out";
			work.reporter.output(`The repair “${fix.title}” of deployment ${before.number} does not fit any more: ${why}.\n`, "quayside");
			continue;
		}
		texts = patched;
		number++;
		await work.keepArtifact(fixArtifact(number), "text/x-diff", fix.diff);
		const kept = { ...fix, id: ulid(), number, kept_from: fix.kept_from ?? before.number };
		for (const draft of [proposed(kept), ...applied(kept, null)]) await work.record(draft);
	}
}
