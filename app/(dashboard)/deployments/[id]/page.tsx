import type { Metadata } from "next";
import { cache } from "react";
import { getPrincipal, orNotFound, requirePrincipal } from "#app/principal.ts";
import { LiveDeployment } from "#components/deployments/live-deployment.tsx";
import { pageTitle } from "#components/deployments/page-title.ts";
import { getServices, type Principal } from "#lib/services.ts";

interface DeploymentPageProps {
	params: Promise<{ id: string }>;
}

const load = cache((principal: Principal, id: string) => orNotFound(getServices().deployments.get(principal, id)));

export async function generateMetadata({ params }: DeploymentPageProps): Promise<Metadata> {
	const principal = await getPrincipal();
	if (!principal) return {};
	return { title: { absolute: pageTitle(await load(principal, (await params).id)) } };
}

export default async function DeploymentPage({ params }: DeploymentPageProps) {
	const { id } = await params;
	const principal = await requirePrincipal(`/deployments/${id}`);
	const initial = await load(principal, id);
	return <LiveDeployment key={id} initial={initial} usualMs={await usualDurations(principal, initial.project.slug)} />;
}

/** Durations of the project's newest successful deployments in milliseconds. */
async function usualDurations(principal: Principal, project: string): Promise<number[]> {
	const { deployments } = await getServices().deployments.list(principal, { project, status: "succeeded", limit: 10 });
	return deployments.flatMap(({ startedAt, finishedAt }) =>
		startedAt && finishedAt ? [Date.parse(finishedAt) - Date.parse(startedAt)] : [],
	);
}
