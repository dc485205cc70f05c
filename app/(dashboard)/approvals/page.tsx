import type { Metadata } from "next";
import { requirePrincipal } from "#app/principal.ts";
import { ApprovalInbox } from "#components/approvals/approval-inbox.tsx";
import { PanelBoundary } from "#components/shell/panel-boundary.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Approvals" };

export default async function ApprovalsPage() {
	const principal = await requirePrincipal("/approvals");
	return (
		<PanelBoundary what="list of approvals">
			<ApprovalInbox initial={await getServices().deployments.waitingApprovals(principal)} />
		</PanelBoundary>
	);
}
