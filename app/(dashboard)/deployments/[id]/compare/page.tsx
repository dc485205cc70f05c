import type { Metadata } from "next";
import { orNotFound, requirePrincipal } from "#app/principal.ts";
import { CompareScreen, NothingToCompare } from "#components/compare/compare-screen.tsx";
import { ulidSchema } from "#lib/protocol/index.ts";
import { getServices } from "#lib/services.ts";

interface ComparePageProps {
	params: Promise<{ id: string }>;
	searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export const metadata: Metadata = { title: "Compare deployments" };

/** Deployments of the project that can be chosen. */
const offered = 50;

export default async function ComparePage({ params, searchParams }: ComparePageProps) {
	const { id } = await params;
	const asked = ulidSchema.safeParse((await searchParams).with);
	const principal = await requirePrincipal(`/deployments/${id}/compare${asked.success ? `?with=${asked.data}` : ""}`);
	const { deployments } = getServices();
	const one = await orNotFound(deployments.get(principal, id));
	const { deployments: rows } = await deployments.list(principal, { project: one.project.slug, limit: offered });
	const others = rows.filter((row) => row.id !== id);
	// The first of several has only newer ones beside it.
	const withId = asked.data ?? (others.some(({ number }) => number < one.number) ? null : (others[0]?.id ?? null));
	const comparison = await orNotFound(deployments.compare(principal, id, withId));
	if (comparison === null) return <NothingToCompare id={id} project={one.project} number={one.number} />;
	return <CompareScreen comparison={comparison} others={others.map(({ id: other, number, status }) => ({ id: other, number, status }))} />;
}
