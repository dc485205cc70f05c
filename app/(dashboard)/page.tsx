import type { Metadata } from "next";
import { requirePrincipal } from "#app/principal.ts";
import { Overview } from "#components/deployments/overview.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: { absolute: "Quayside" } };

export default async function OverviewPage() {
	const principal = await requirePrincipal("/");
	const { deployments, system } = getServices();
	const [recent, running, queued, waiting, { checks }] = await Promise.all([
		deployments.list(principal, { limit: 20 }),
		deployments.list(principal, { status: "running", limit: 50 }),
		deployments.list(principal, { status: "queued", limit: 50 }),
		deployments.waitingApprovals(principal),
		system.ready(),
	]);
	const problems = Object.values(checks).flatMap(({ ok, text }) => (ok ? [] : [text]));
	return (
		<Overview
			examples={system.examples()}
			problems={problems}
			waiting={waiting}
			recent={recent.deployments}
			active={[...running.deployments, ...queued.deployments]}
		/>
	);
}
