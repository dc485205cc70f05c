import type { Metadata } from "next";
import { requirePrincipal } from "#app/principal.ts";
import { AnalyticsScreen } from "#components/analytics/analytics-screen.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Analytics" };

const initialDays = 30;

export default async function AnalyticsPage() {
	const principal = await requirePrincipal("/analytics");
	return <AnalyticsScreen initial={await getServices().deployments.analytics(principal, { days: initialDays })} />;
}
