import type { ReleaseStatus } from "../../../lib/protocol/index.ts";
import type { PreviewRoute, ServeSite } from "../../projects/preview-route.ts";
import type { ReleaseChange } from "../../projects/release-events.ts";
import type { ReleaseRecord, ReleaseStore } from "../../projects/release-store.ts";
import type { ReleaseFolders } from "./folders.ts";
import { serveStaticSite } from "./static-site.ts";

/** A release of this node as it is held in memory, so that a visitor costs no query. */
export interface KnownRelease {
	id: string;
	slug: string;
	kind: "static" | "process";
	status: ReleaseStatus;
	socketPath: string;
	serve: ServeSite;
}

/** The releases of this node, their status, and which one visitors of a project are sent to. */
export interface KnownReleases {
	/** Takes a row in; a release that is known already is brought up to date. */
	learn(record: Pick<ReleaseRecord, "id" | "slug" | "kind" | "status" | "plan" | "active">): KnownRelease;
	get(id: string): KnownRelease | undefined;
	isActive(id: string): boolean;
	/** Sends visitors of the release's project to it, from the next request on. */
	point(id: string): void;
	forget(id: string): void;
	/** Holds the status at once, then records and tells it. A status it already has changes nothing. */
	setStatus(id: string, status: ReleaseStatus, reason?: string | null): Promise<void>;
	route(slug: string): PreviewRoute | Promise<PreviewRoute>;
}

const lookUpAgainMs = 2_000;
const maxLookedUp = 1_000;

export function createKnownReleases(
	store: ReleaseStore,
	folders: ReleaseFolders,
	onChange: (change: ReleaseChange) => void,
): KnownReleases {
	const releases = new Map<string, KnownRelease>();
	const activeBySlug = new Map<string, string>();
	const lookedUp = new Map<string, { at: number; route: Promise<PreviewRoute> }>();

	function active(slug: string): KnownRelease | undefined {
		const id = activeBySlug.get(slug);
		return id === undefined ? undefined : releases.get(id);
	}

	/** Projects without a release of this node are rare visitors' goals: asked for, and remembered for a moment. */
	function lookUp(slug: string): Promise<PreviewRoute> {
		const known = lookedUp.get(slug);
		if (known && performance.now() - known.at < lookUpAgainMs) return known.route;
		if (lookedUp.size >= maxLookedUp) lookedUp.clear();
		const route = store.projectExists(slug).then((exists): PreviewRoute => ({ kind: exists ? "empty" : "unknown" }));
		lookedUp.set(slug, { at: performance.now(), route });
		route.catch(() => lookedUp.delete(slug));
		return route;
	}

	return {
		learn({ id, slug, kind, status, plan, active: isActive }) {
			const { appSocket, site } = folders.of(id);
			const release: KnownRelease = releases.get(id) ?? {
				id,
				slug,
				kind,
				status,
				socketPath: appSocket,
				serve: serveStaticSite({ releaseId: id, folder: site, spaFallback: plan.spaFallback }),
			};
			releases.set(id, release);
			if (isActive) activeBySlug.set(slug, id);
			return release;
		},
		get: (id) => releases.get(id),
		isActive(id) {
			const release = releases.get(id);
			return release !== undefined && activeBySlug.get(release.slug) === id;
		},
		point(id) {
			const release = releases.get(id);
			if (release) activeBySlug.set(release.slug, id);
		},
		forget(id) {
			const release = releases.get(id);
			if (release && activeBySlug.get(release.slug) === id) activeBySlug.delete(release.slug);
			releases.delete(id);
		},
		async setStatus(id, status, reason = null) {
			const release = releases.get(id);
			if (release) release.status = status;
			if (await store.setStatus(id, status)) onChange({ releaseId: id, status, reason });
		},
		route(slug) {
			const release = active(slug);
			if (!release) return lookUp(slug);
			if (release.status !== "live") return { kind: "down", status: release.status };
			return release.kind === "static" ? { kind: "site", serve: release.serve } : { kind: "app", socketPath: release.socketPath };
		},
	};
}
