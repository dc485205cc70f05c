import { join } from "node:path";
import type { Plan, WorkFailure } from "../../../lib/protocol/index.ts";
import type { Toolchain } from "../toolchains.ts";
import { type InstallWatch, watchInstall } from "./dependencies.ts";
import { dependencyKey } from "./dependency-key.ts";
import { frameworkKey, namesFrameworkCache, snapshotFrameworkCaches } from "./frameworks.ts";
import { putBack, type Remembered, type Snapshot, takeRemembered } from "./kept-tree.ts";
import type { ProjectCache } from "./project-cache.ts";

export interface KeptPartsOptions {
	cache: ProjectCache;
	plan: Plan;
	toolchain: Toolchain | null;
	/** Stands for the build's environment. */
	environment: string;
	/** Folder of the files that are built. */
	tree: string;
	/** Folder beside it for notes of ours. */
	scratch: string;
	mark: string;
	/** True for a build that must begin with nothing of an earlier one. */
	fresh: boolean;
}

/**
 * What one build takes over from earlier ones of its project, and leaves for later ones. A trouble with it costs time, never the
 * build: every step that goes wrong counts as nothing kept.
 */
export interface KeptParts {
	/** True when the dependencies were put back as an install had left them; then there is nothing to install. */
	putBackDependencies(): Promise<{ files: number } | null>;
	/** To be called before and after an install that runs. */
	beforeInstall(): Promise<void>;
	afterInstall(): Promise<void>;
	putBackFrameworkCaches(): Promise<void>;
	/** To be called when nothing writes to the tree any more; `place` is where it lies then. Resolves when what fits is kept. */
	keep(place: string, succeeded: boolean): Promise<void>;
	/** True when the failure looks like the fault of something that was kept; that is then forgotten. */
	isToBlame(failure: WorkFailure): Promise<boolean>;
}

const missesModule = /Cannot find (?:module|package)|ERR_MODULE_NOT_FOUND|ENOENT[^\n]*node_modules/;
const brokenStore =
	/EINTEGRITY|ENOENT[^\n]*\/quayside\/cache|checksum|TARBALL_INTEGRITY|BADCACHE|Z_BUF_ERROR|Z_DATA_ERROR|unexpected end of (?:file|data)/i;

export function openKeptParts({ cache, plan, toolchain, environment, tree, scratch, mark, fresh }: KeptPartsOptions): KeptParts {
	const versions = toolchain?.versions ?? {};
	const frameworksPlace = cache.frameworks(frameworkKey(plan, versions));
	let dependenciesPlace: string | null = null;
	let watch: InstallWatch | null = null;
	let installed: Remembered | null = null;
	const used = { dependencies: false, frameworks: false, store: cache.filled };

	async function keepSnapshot(taking: Promise<Snapshot | null>): Promise<void> {
		const snapshot = await taking.catch(() => null);
		await snapshot?.keep().catch(() => snapshot.drop());
	}

	return {
		async putBackDependencies() {
			const key = await dependencyKey(tree, { plan, versions, environment }).catch(() => null);
			if (key === null) return null;
			dependenciesPlace = cache.dependencies(key);
			if (fresh) return null;
			const entry = await putBack(dependenciesPlace, tree).catch(() => null);
			used.dependencies = entry !== null;
			return entry;
		},
		async beforeInstall() {
			if (dependenciesPlace !== null) watch = await watchInstall(tree, join(scratch, "installing")).catch(() => null);
		},
		async afterInstall() {
			installed = (await watch?.remember().catch(() => null)) ?? null;
		},
		async putBackFrameworkCaches() {
			if (!fresh) used.frameworks = (await putBack(frameworksPlace, tree).catch(() => null)) !== null;
		},
		async keep(place, succeeded) {
			// The installed dependencies first: the other snapshot shares files with them, which changes their state.
			if (installed !== null && dependenciesPlace !== null) await keepSnapshot(takeRemembered(place, installed, dependenciesPlace, mark));
			if (succeeded) await keepSnapshot(snapshotFrameworkCaches(place, plan.directory, frameworksPlace, mark));
		},
		async isToBlame({ message, lines }) {
			const text = [message, ...(lines ?? [])].join("\n");
			const blamed = {
				dependencies: used.dependencies && missesModule.test(text),
				frameworks: used.frameworks && namesFrameworkCache.test(text),
				store: used.store && brokenStore.test(text),
			};
			if (blamed.store) await cache.clearStore();
			return blamed.dependencies || blamed.frameworks || blamed.store;
		},
	};
}
