import { commandText, type PackageManagerName, packageManagerSchema } from "../../../lib/protocol/index.ts";
import { changeQuaysideFile, type Fields, jsonLike, quaysideFields } from "../json-file.ts";
import { readWhole } from "../read-whole.ts";
import type { Repair, Rule, Trouble } from "../rule.ts";

type Words = readonly [PackageManagerName, ...string[]];

/** The install command as a package manager's own; null where it is something else. */
function installOf({ plan: { install } }: Trouble): Words | null {
	const manager = packageManagerSchema.safeParse(install?.[0]);
	return install && manager.success ? [manager.data, ...install.slice(1)] : null;
}

async function installWith(trouble: Trouble, words: readonly string[], title = titleOf(trouble, words)): Promise<Repair | null> {
	const change = await changeQuaysideFile(trouble, { install: commandText(words) });
	return change && { title, changes: [change] };
}

function titleOf({ plan }: Trouble, words: readonly string[]): string {
	return `Install with ${commandText(words)} in place of ${commandText(plan.install ?? [])}`;
}

/** The same install, allowed to bring the lockfile up to date in the build's own copy. */
function unfrozen([manager, ...words]: Words): string[] {
	if (manager === "npm") return [manager, ...words.map((word) => (word === "ci" ? "install" : word))];
	const others = words.filter((word) => word !== "--frozen-lockfile" && word !== "--immutable");
	if (manager === "pnpm") return [manager, ...others, "--no-frozen-lockfile"];
	return [manager, ...others, ...(words.includes("--immutable") ? ["--no-immutable"] : [])];
}

const lockfiles: readonly [string, PackageManagerName][] = [
	["package-lock.json", "npm"],
	["pnpm-lock.yaml", "pnpm"],
	["yarn.lock", "yarn"],
	["bun.lock", "bun"],
];

/** The install that keeps to the lockfile. Yarn has two words for it, one of which each of its versions refuses. */
const lockedInstalls: Readonly<Record<PackageManagerName, string>> = {
	npm: "npm ci",
	pnpm: "pnpm install --frozen-lockfile",
	yarn: "yarn install",
	bun: "bun install --frozen-lockfile",
};

/** The package manager whose lockfile is there, where it is the only one. */
async function ownerOfLockfile({ installed }: Trouble): Promise<PackageManagerName | null> {
	const found: PackageManagerName[] = [];
	for (const [file, owner] of lockfiles) if (await installed.isFile(file)) found.push(owner);
	return found.length === 1 ? (found[0] ?? null) : null;
}

/** A command of quayside.json that names another package manager, as the one that is used says it. */
function spokenBy(owner: PackageManagerName, command: unknown): string | undefined {
	const script = typeof command === "string" ? /^(?:npm|pnpm|yarn|bun) run (?<script>[\w:.-]+)$/.exec(command)?.groups?.script : undefined;
	return script === undefined ? undefined : `${owner} run ${script}`;
}

export const installRules: readonly Rule[] = [
	{
		causes: ["lockfile_missing", "package_manager_mismatch", "lockfile_outdated"],
		async repair(trouble) {
			const used = installOf(trouble)?.[0];
			const owner = await ownerOfLockfile(trouble);
			const before = await quaysideFields(trouble);
			if (!used || owner === null || owner === used || before.install === undefined) return null;
			const fields: Fields = { packageManager: owner, install: lockedInstalls[owner] };
			for (const step of ["build", "test", "start"] as const) {
				const command = spokenBy(owner, before[step]);
				if (command !== undefined) fields[step] = command;
			}
			const change = await changeQuaysideFile(trouble, fields);
			return change && { title: `Install with ${owner}, whose lockfile is there, in place of ${used}`, changes: [change] };
		},
	},
	{
		causes: ["lockfile_missing", "lockfile_outdated"],
		async repair(trouble) {
			const words = installOf(trouble);
			return words === null ? null : installWith(trouble, unfrozen(words));
		},
	},
	{
		causes: ["peer_conflict"],
		async repair(trouble) {
			const words = installOf(trouble);
			const flags: Partial<Record<PackageManagerName, string>> = {
				npm: "--legacy-peer-deps",
				pnpm: "--config.strict-peer-dependencies=false",
			};
			const flag = words && flags[words[0]];
			return words && flag && !words.includes(flag) ? installWith(trouble, [...words, flag]) : null;
		},
	},
	{
		causes: ["dev_dependencies_skipped"],
		async repair(trouble) {
			const words = installOf(trouble);
			const flags: Partial<Record<PackageManagerName, string>> = { npm: "--include=dev", pnpm: "--prod=false", yarn: "--production=false" };
			const flag = words && flags[words[0]];
			const skips = /^(?:--omit=dev|--production|--only=prod(?:uction)?|--prod|-P)$/;
			return words && flag && !words.includes(flag) ? installWith(trouble, [...words.filter((word) => !skips.test(word)), flag]) : null;
		},
	},
	{
		causes: ["native_module_not_built"],
		async repair(trouble) {
			const words = installOf(trouble);
			const name = trouble.failure.seen?.package ?? "";
			if (words?.[0] === "npm" && !words.includes("--ignore-scripts=false"))
				return installWith(
					trouble,
					[...words.filter((word) => word !== "--ignore-scripts"), "--ignore-scripts=false"],
					`Let install scripts run, so that ${name || "the native module"} gets its compiled part`,
				);
			return words?.[0] === "pnpm" && name !== "" ? allowScript(trouble, name) : null;
		},
	},
];

/** pnpm runs install scripts of the packages that package.json names only. */
async function allowScript({ installed }: Trouble, name: string): Promise<Repair | null> {
	const manifest = await readWhole(installed, "package.json");
	if (manifest === null || manifest === "unfit" || (await installed.isFile("pnpm-workspace.yaml"))) return null;
	const value = JSON.parse(manifest.text) as { pnpm?: { onlyBuiltDependencies?: string[] } };
	const allowed = value.pnpm?.onlyBuiltDependencies ?? [];
	if (allowed.includes(name)) return null;
	const text = jsonLike(manifest.text, { ...value, pnpm: { ...value.pnpm, onlyBuiltDependencies: [...allowed, name].sort() } });
	return {
		title: `Allow the install script of ${name}, so that it gets its compiled part`,
		changes: [{ files: installed, path: "package.json", text }],
	};
}
