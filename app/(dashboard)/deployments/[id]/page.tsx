import type { Metadata } from "next";
import { cache } from "react";
import { getPrincipal, orNotFound, requirePrincipal } from "#app/principal.ts";
import { LiveDeployment } from "#components/deployments/live-deployment.tsx";
import { pageTitle } from "#components/deployments/page-title.ts";
import { standingOf } from "#components/deployments/words.ts";
import { getServices, type Principal } from "#lib/services.ts";

interface DeploymentPageProps {
	params: Promise<{ id: string }>;
}

/** Lines that come with the page: as many as a large screen shows. */
const renderedLines = 100;

const load = cache((principal: Principal, id: string) => orNotFound(getServices().deployments.get(principal, id)));

const newestLines = (principal: Principal, id: string) =>
	orNotFound(getServices().deployments.logLines(principal, id, { limit: renderedLines }));

const releasesOf = cache((principal: Principal, slug: string) => getServices().projects.releases(principal, slug));

export async function generateMetadata({ params }: DeploymentPageProps): Promise<Metadata> {
	const principal = await getPrincipal();
	if (!principal) return {};
	const state = await load(principal, (await params).id);
	return { title: { absolute: pageTitle(state, standingOf(await releasesOf(principal, state.project.slug), state.release)) } };
}

export default async function DeploymentPage({ params }: DeploymentPageProps) {
	const { id } = await params;
	const principal = await requirePrincipal(`/deployments/${id}`);
	const [initial, log] = await Promise.all([load(principal, id), newestLines(principal, id)]);
	const { slug } = initial.project;
	const [usualMs, releases] = await Promise.all([usualDurations(principal, slug), releasesOf(principal, slug)]);
	return <LiveDeployment key={id} initial={initial} lines={log.lines} usualMs={usualMs} releases={releases} />;
}

/** Durations of the project's newest successful deployments in milliseconds. */
async function usualDurations(principal: Principal, project: string): Promise<number[]> {
	const { deployments } = await getServices().deployments.list(principal, { project, status: "succeeded", limit: 10 });
	return deployments.flatMap(({ startedAt, finishedAt }) =>
		startedAt && finishedAt ? [Date.parse(finishedAt) - Date.parse(startedAt)] : [],
	);
}
