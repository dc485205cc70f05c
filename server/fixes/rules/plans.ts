import { commandText } from "../../../lib/protocol/index.ts";
import { resolveNodeVersion } from "../../plan/node/node-version.ts";
import { readPackageJson } from "../../plan/node/package-json.ts";
import { distance } from "../../plan/quayside-json.ts";
import { changeQuaysideFile, quaysideFields } from "../json-file.ts";
import { readWhole } from "../read-whole.ts";
import type { Repair, Rule, Trouble } from "../rule.ts";

/** The newest Node that is kept up for years. */
const newestNode = "24";

export const planRules: readonly Rule[] = [
	{
		causes: ["node_version_unsupported", "node_too_old", "typescript_run_as_javascript"],
		async repair(trouble) {
			const before = trouble.plan.nodeVersion;
			const wanted = trouble.failure.seen?.wanted?.replace(/\.$/, "") ?? "";
			const asksFor = trouble.failure.cause === "node_version_unsupported";
			const version = asksFor ? (wanted === "" ? null : resolveNodeVersion(wanted)) : newestNode;
			if (before === null || version === null || majorOf(version) === majorOf(before)) return null;
			if (!asksFor && majorOf(before) > majorOf(version)) return null;
			const change = await changeQuaysideFile(trouble, { node: version });
			return change && { title: `Use Node ${version} in place of Node ${before}`, changes: [change] };
		},
	},
	{
		causes: ["port_fixed"],
		async repair(trouble) {
			const ports = (trouble.failure.seen?.ports ?? "").split(" ").filter(Boolean);
			const port = Number(ports[0]);
			if (ports.length !== 1 || !(port > 1023)) return null;
			const change = await changeQuaysideFile(trouble, { port });
			return change && { title: `Look for the app on port ${port}, where it listens`, changes: [change] };
		},
	},
	{
		causes: ["output_elsewhere"],
		async repair(trouble) {
			const output = trouble.failure.seen?.output;
			const change = output ? await changeQuaysideFile(trouble, { output }) : null;
			return change && { title: `Take the site from “${output}”, where the build wrote it`, changes: [change] };
		},
	},
	{
		causes: ["script_missing"],
		async repair(trouble) {
			const missing = trouble.failure.seen?.script ?? "";
			const manifest = await readPackageJson(trouble.app);
			if (missing === "" || manifest === null || manifest === "broken") return null;
			const meant = nearest(missing, Object.keys(manifest.scripts));
			if (meant === null) return null;
			return (await renameInPlan(trouble, missing, meant)) ?? renameInScripts(trouble, missing, meant);
		},
	},
	{
		causes: ["out_of_memory"],
		async repair({ stage, memoryMb, mostMemoryMb }) {
			const buildMemoryMb = Math.min(memoryMb * 2, mostMemoryMb);
			if ((stage !== "build" && stage !== "test") || buildMemoryMb <= memoryMb) return null;
			return { title: `Give the build ${buildMemoryMb} MB of memory in place of ${memoryMb} MB`, changes: [], buildMemoryMb };
		},
	},
];

const majorOf = (version: string): number => Number.parseInt(version, 10);

/** Names under which people look for the same script. */
const sameMeaning: Readonly<Record<string, readonly string[]>> = {
	build: ["build:prod", "build:production", "compile", "bundle"],
	compile: ["build"],
	bundle: ["build"],
	start: ["start:prod", "serve", "server"],
	serve: ["start"],
	test: ["test:unit", "tests", "unit"],
};

/** The script that was meant: another name for the same, or one that differs in a letter or two; null where several may be. */
function nearest(missing: string, scripts: readonly string[]): string | null {
	const known = (sameMeaning[missing] ?? []).find((name) => scripts.includes(name));
	const similar = scripts.filter((name) => missing.length > 3 && distance(name, missing) <= 2);
	if (similar.length === 1) return similar[0] ?? null;
	return similar.length === 0 ? (known ?? null) : null;
}

const calls = (script: string): RegExp =>
	new RegExp(String.raw`((?:npm|pnpm|yarn|bun)(?: run(?:-script)?)? )${RegExp.escape(script)}(?![\w:.-])`, "g");

async function renameInPlan(trouble: Trouble, missing: string, meant: string): Promise<Repair | null> {
	const before = await quaysideFields(trouble);
	for (const step of ["install", "build", "test", "start"] as const) {
		const command = before[step];
		if (command === undefined || command === null) continue;
		const text = typeof command === "string" ? command : commandText(command);
		const renamed = text.replaceAll(calls(missing), `$1${meant}`);
		const change = renamed === text ? null : await changeQuaysideFile(trouble, { [step]: renamed });
		if (change) return { title: `Run the script “${meant}”, which there is, in place of “${missing}”`, changes: [change] };
	}
	return null;
}

async function renameInScripts({ app }: Trouble, missing: string, meant: string): Promise<Repair | null> {
	const file = await readWhole(app, "package.json");
	if (file === null || file === "unfit") return null;
	const text = file.text.replaceAll(calls(missing), `$1${meant}`);
	if (text === file.text) return null;
	return {
		title: `Run the script “${meant}”, which there is, in place of “${missing}”`,
		changes: [{ files: app, path: "package.json", text }],
	};
}
