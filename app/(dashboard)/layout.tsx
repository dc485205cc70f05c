import type { ReactNode } from "react";
import { getPrincipal } from "#app/principal.ts";
import { ApprovalBar } from "#components/approvals/approval-bar.tsx";
import { AttentionProvider } from "#components/attention/attention-provider.tsx";
import { AppCommands } from "#components/commands/app-commands.tsx";
import { CommandsProvider } from "#components/commands/commands-provider.tsx";
import { ConnectionStatus } from "#components/live/connection-status.tsx";
import { LiveProvider } from "#components/live/live-provider.tsx";
import { Notifications } from "#components/notifications/notifications.tsx";
import { AccountMenu } from "#components/shell/account-menu.tsx";
import { AppShell } from "#components/shell/app-shell.tsx";
import { LiveLists } from "#components/shell/live-lists.tsx";
import { PanelBoundary } from "#components/shell/panel-boundary.tsx";
import { getServices } from "#lib/services.ts";

/** The frame behind the login. Without one it renders nothing of its own: the page sends the visitor to the login. */
export default async function DashboardLayout({ children }: { children: ReactNode }) {
	const principal = await getPrincipal();
	if (!principal) return children;
	const { deployments, attention } = getServices();
	const [waiting, unseen] = await Promise.all([deployments.waitingApprovals(principal), attention.unseen(principal)]);
	return (
		<LiveProvider key={principal.user.id} userId={principal.user.id}>
			<LiveLists userId={principal.user.id} />
			<AttentionProvider userId={principal.user.id} initial={unseen}>
				<CommandsProvider>
					<AppCommands />
					<AppShell status={<ConnectionStatus />} account={<AccountMenu user={principal.user} />}>
						{children}
					</AppShell>
					<PanelBoundary what="reminder of approvals">
						<ApprovalBar initial={waiting} />
					</PanelBoundary>
					<PanelBoundary what="news">
						<Notifications userId={principal.user.id} />
					</PanelBoundary>
				</CommandsProvider>
			</AttentionProvider>
		</LiveProvider>
	);
}
