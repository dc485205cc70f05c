import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plan, planSchema } from "#lib/protocol/index.ts";
import { ImportantLines } from "#server/build/lines.ts";
import type { Step } from "#server/causes/cause.ts";
import { findCause, type KnownCause } from "#server/causes/find-cause.ts";
import type { EndReason } from "#server/exec/sandbox.ts";
import { openWorkspace } from "#server/source/workspace.ts";

const folder = fileURLToPath(new URL("../../fixtures/failures/", import.meta.url));
const divider = "\n=====\n";

/** What a command printed when it failed, with the files it ran on. */
export interface FailureFixture {
	/** `<cause>-<variant>`, the name of its file. */
	name: string;
	cause: string;
	/** Which program printed it; "written: …" where it was not run. */
	from: string;
	step: Step;
	command: string[];
	exitCode: number | null;
	end?: EndReason;
	plan?: Partial<Plan>;
	files: Record<string, string>;
	output: string;
}

export async function readFailures(): Promise<FailureFixture[]> {
	const names = (await readdir(folder)).filter((name) => name.endsWith(".txt")).sort();
	return Promise.all(
		names.map(async (name) => {
			const text = await readFile(join(folder, name), "utf8");
			const end = text.indexOf(divider);
			return { ...JSON.parse(text.slice(0, end)), name: name.slice(0, -".txt".length), output: text.slice(end + divider.length) };
		}),
	);
}

/** Explains a recorded failure as a build does. */
export async function explainFixture(fixture: FailureFixture): Promise<{ known: KnownCause | null; lines: string[] }> {
	const root = await mkdtemp(join(tmpdir(), "quayside-failure-"));
	try {
		for (const [path, text] of Object.entries(fixture.files)) {
			await mkdir(dirname(join(root, path)), { recursive: true });
			await writeFile(join(root, path), text);
		}
		const lines = new ImportantLines();
		lines.add(fixture.output);
		const known = await findCause({
			step: fixture.step,
			command: fixture.command.join(" "),
			exitCode: fixture.exitCode,
			end: fixture.end ?? "exited",
			lines: lines.kept(),
			plan: planOf(fixture.plan ?? {}),
			files: await openWorkspace(root, null),
		});
		return { known, lines: lines.pick(known?.line) };
	} finally {
		await rm(root, { recursive: true, force: true });
	}
}

export function planOf(changes: Partial<Plan>): Plan {
	return planSchema.parse({
		provider: "node",
		framework: "Node",
		summary: "",
		kind: "process",
		directory: "",
		nodeVersion: "24",
		packageManager: "npm",
		install: null,
		build: null,
		test: null,
		start: null,
		output: null,
		spaFallback: false,
		healthPath: "/",
		confidence: 1,
		evidence: [],
		warnings: [],
		dockerfile: null,
		...changes,
	});
}
