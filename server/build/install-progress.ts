import type { Reporter } from "../../lib/protocol/index.ts";
import { openWorkspace, type Workspace } from "../source/workspace.ts";

const lookEveryMs = 700;
const maxPackages = 5000;
const atOnce = 50;
const maxLockBytes = 32 * 1024 * 1024;

interface LockedPackage {
	link?: boolean;
	os?: string[];
	cpu?: string[];
}

/** The packages that npm's lockfile in a folder of the tree names for this machine, as paths; null where it does not tell. */
export async function lockedPackages(tree: string, folder: string): Promise<string[] | null> {
	try {
		const text = await (await openWorkspace(tree, folder)).read("package-lock.json", maxLockBytes);
		const { packages } = JSON.parse(text ?? "") as { packages: Record<string, LockedPackage> };
		return Object.entries(packages).flatMap(([path, entry]) => (path !== "" && !entry.link && fitsHere(entry) ? [path] : []));
	} catch {
		return null;
	}
}

function fitsHere({ os, cpu }: LockedPackage): boolean {
	const allows = (list: string[] | undefined, own: string) =>
		list === undefined || (!list.includes(`!${own}`) && (list.includes(own) || list.every((one) => one.startsWith("!"))));
	return allows(os, process.platform) && allows(cpu, process.arch);
}

/**
 * Tells how many of these packages have come to their places, while npm puts them there without a word; `percentOf` turns a share
 * from 0 to 1 into the stage's percent. Ends at `stop`.
 */
export function watchPackages(
	tree: string,
	folder: string,
	packages: readonly string[],
	{ reporter, percentOf }: { reporter: Reporter; percentOf: (share: number) => number },
): { stop(): void } {
	let missing = packages.slice(0, maxPackages);
	const total = missing.length;
	let looking = false;
	const look = async (): Promise<void> => {
		const workspace = await openWorkspace(tree, folder).catch(() => null);
		if (workspace === null) return;
		const before = missing.length;
		missing = await stillMissing(workspace, missing);
		const there = total - missing.length;
		if (missing.length < before) reporter.progress(`npm has put ${there} of ${total} packages in place`, percentOf(there / total));
	};
	const timer = setInterval(() => {
		if (looking || missing.length === 0) return;
		looking = true;
		look()
			.catch(() => {})
			.finally(() => {
				looking = false;
			});
	}, lookEveryMs);
	return { stop: () => clearInterval(timer) };
}

async function stillMissing(workspace: Workspace, packages: readonly string[]): Promise<string[]> {
	const missing: string[] = [];
	for (let index = 0; index < packages.length; index += atOnce) {
		const some = packages.slice(index, index + atOnce);
		const there = await Promise.all(some.map((path) => workspace.isFile(`${path}/package.json`)));
		missing.push(...some.filter((_, at) => !there[at]));
	}
	return missing;
}
