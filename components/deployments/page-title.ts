import type { DeploymentState } from "#lib/deployment/state.ts";
import type { DeploymentStatus } from "#lib/protocol/index.ts";
import { type ReleaseStanding, stageWords, standingWords } from "./words.ts";

type Shown = Pick<DeploymentState, "status" | "stage" | "progress"> & { project: { name: string } };

/**
 * The title of a deployment's page, which tells a background tab's story: "● 42 % Build – web-shop". `standing` is where the release
 * of one that succeeded stands by now.
 */
export function pageTitle({ status, stage, progress, project }: Shown, standing: ReleaseStanding): string {
	const where = stage ? stageWords[stage].name : null;
	const story: Record<DeploymentStatus, string> = {
		queued: "○ Queued",
		running: `● ${Math.round(progress)} % ${where ?? "Starting"}`,
		waiting: "! Approval needed",
		paused: "‖ Paused",
		succeeded: standingWords[standing].title,
		failed: where ? `✕ Failed in ${where}` : "✕ Failed",
		cancelled: "– Cancelled",
	};
	return `${story[status]} – ${project.name}`;
}

const signs: Readonly<Record<DeploymentStatus, string>> = {
	queued: '<circle cx="24" cy="24" r="6" fill="#e8edf3" stroke="#5b6b7f" stroke-width="3"/>',
	running: '<circle cx="24" cy="24" r="7" fill="#2f7fd6"/>',
	waiting: '<circle cx="24" cy="24" r="7" fill="#d99a00"/><path d="M24 20v5m0 2.5v.5" stroke="#fff" stroke-width="2"/>',
	paused: '<circle cx="24" cy="24" r="7" fill="#8a6d1d"/>',
	succeeded: '<circle cx="24" cy="24" r="7" fill="#15803d"/><path d="m20.5 24 2.5 2.5 4.5-5" stroke="#fff" stroke-width="2" fill="none"/>',
	failed: '<circle cx="24" cy="24" r="7" fill="#c2281d"/><path d="m21 21 6 6m0-6-6 6" stroke="#fff" stroke-width="2"/>',
	cancelled: '<circle cx="24" cy="24" r="7" fill="#6b7280"/><path d="M20.5 24h7" stroke="#fff" stroke-width="2"/>',
};

/** The mark with the deployment's state in its corner, as a data URL. */
export function favicon(status: DeploymentStatus): string {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#1d2b3f"/><path d="M9 5v22" stroke="#fff" stroke-width="2.5"/><path d="M10.5 6H25v11H10.5z" fill="#f5c518"/>${signs[status]}</svg>`;
	return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
