import type { ReleaseStatus } from "../../../lib/protocol/index.ts";
import type { PreviewRoute, ServeSite, Visit } from "../../projects/preview-route.ts";
import type { ReleaseChange } from "../../projects/release-events.ts";
import type { ReleaseRecord, ReleaseStore } from "../../projects/release-store.ts";
import type { ReleaseFolders } from "./folders.ts";
import { createOneAtATime } from "./one-at-a-time.ts";
import { serveStaticSite } from "./static-site.ts";
import { createVisitors, type Visitors } from "./visitors.ts";

/** A release of this node as it is held in memory, so that a visitor costs no query. */
export interface KnownRelease {
	id: string;
	slug: string;
	kind: "static" | "process";
	status: ReleaseStatus;
	/** Stopped until the next visitor. */
	asleep: boolean;
	socketPath: string;
	serve: ServeSite;
	visitors: Visitors;
}

/** More about a change of status. */
export interface StatusDetail extends Pick<ReleaseChange, "reason" | "says"> {
	/** Says that it stops until the next visitor, or that it does no longer; left out, a stopped release stays as it is. */
	asleep: boolean;
	/** How its app ended, once that is known; a release that has not crashed has none. */
	crash: ReleaseChange["crash"] | Promise<ReleaseChange["crash"]>;
}

/** The releases of this node, their status, and which one visitors of a project are sent to. */
export interface KnownReleases {
	/** Takes a row in; a release that is known already is brought up to date. */
	learn(record: Pick<ReleaseRecord, "id" | "slug" | "kind" | "status" | "asleep" | "plan" | "active">): KnownRelease;
	get(id: string): KnownRelease | undefined;
	isActive(id: string): boolean;
	/** The release visitors of a project are sent to. */
	active(slug: string): KnownRelease | undefined;
	/** Sends visitors of the release's project to it, from the next request on. */
	point(id: string): void;
	/**
	 * Shows a release that is being checked to visitors of a project that has no other yet, which they would only be told; `hideEarly`
	 * takes that back.
	 */
	showEarly(id: string): void;
	hideEarly(id: string): void;
	forget(id: string): void;
	/** Holds the status at once, then records and tells it, in the order of the calls. What changes nothing is not told. */
	setStatus(id: string, status: ReleaseStatus, detail?: Partial<StatusDetail>): Promise<void>;
	/** Where a visitor of a project is sent as things are, counting the visit. */
	route(slug: string, visit: Visit): PreviewRoute | Promise<PreviewRoute>;
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
	const earlyBySlug = new Map<string, KnownRelease>();
	const lookedUp = new Map<string, { at: number; route: Promise<PreviewRoute> }>();
	const writeInTurn = createOneAtATime();

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

	function hideEarly(id: string): void {
		const release = releases.get(id);
		if (release && earlyBySlug.get(release.slug) === release) earlyBySlug.delete(release.slug);
	}

	return {
		learn({ id, slug, kind, status, asleep, plan, active: isActive }) {
			const { appSocket, site } = folders.of(id);
			const release: KnownRelease = releases.get(id) ?? {
				id,
				slug,
				kind,
				status,
				asleep,
				socketPath: appSocket,
				serve: serveStaticSite({ releaseId: id, folder: site, spaFallback: plan.spaFallback }),
				visitors: createVisitors(),
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
		active,
		point(id) {
			const release = releases.get(id);
			if (!release) return;
			activeBySlug.set(release.slug, id);
			earlyBySlug.delete(release.slug);
		},
		showEarly(id) {
			const release = releases.get(id);
			if (release && !activeBySlug.has(release.slug)) earlyBySlug.set(release.slug, release);
		},
		hideEarly,
		forget(id) {
			hideEarly(id);
			const release = releases.get(id);
			if (release && activeBySlug.get(release.slug) === id) {
				activeBySlug.delete(release.slug);
				lookedUp.delete(release.slug);
			}
			releases.delete(id);
		},
		setStatus(id, status, { asleep, crash = null, reason = null, says } = {}) {
			const release = releases.get(id);
			const sleeps = asleep ?? (status === "stopped" && (release?.asleep ?? false));
			if (release) {
				if (status === "live" && release.status !== "live") release.visitors.wake();
				release.status = status;
				release.asleep = sleeps;
			}
			return writeInTurn(id, async () => {
				const end = status === "crashed" ? ((await crash) ?? null) : null;
				const changed = await store.setStatus(id, { status, asleep: sleeps, crash: end });
				if (changed) onChange({ releaseId: id, status, reason, asleep: sleeps, crash: end, ...(says !== undefined && { says }) });
			});
		},
		route(slug, visit) {
			const release = active(slug);
			const early = release ? undefined : earlyBySlug.get(slug);
			if (early) return { kind: "app", socketPath: early.socketPath };
			if (!release) return lookUp(slug);
			release.visitors.enter(visit);
			return routeTo(release);
		},
	};
}

/** Where visitors of a release are sent as it is now. */
export function routeTo(release: KnownRelease): PreviewRoute {
	if (release.status !== "live") return { kind: "down", status: release.status };
	return release.kind === "static" ? { kind: "site", serve: release.serve } : { kind: "app", socketPath: release.socketPath };
}
