import type { Metadata } from "next";
import Link from "next/link";
import { requirePrincipal } from "#app/principal.ts";
import { AccountPanel } from "#components/settings/account-panel.tsx";
import { AssistantPanel } from "#components/settings/assistant-panel.tsx";
import { LivePanel } from "#components/settings/live-panel.tsx";
import { NotificationPanel } from "#components/settings/notification-panel.tsx";
import { TokenPanel } from "#components/settings/token-panel.tsx";
import { PanelBoundary } from "#components/shell/panel-boundary.tsx";
import { Button } from "#components/ui/button.tsx";
import { Panel } from "#components/ui/panel.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Settings" };

export default async function SettingsPage() {
	const principal = await requirePrincipal("/settings");
	return (
		<div className="grid max-w-4xl grid-cols-1 gap-6">
			<h1 className="font-semibold text-2xl tracking-tight">Settings</h1>
			<AccountPanel user={principal.user} />
			{principal.user.role === "admin" && (
				<Panel title="Models" className="p-5" about="Language models that the agents think with: providers, keys, limits and budgets.">
					<Button asChild variant="outline" size="sm">
						<Link href="/settings/models">Set up models</Link>
					</Button>
				</Panel>
			)}
			<LivePanel />
			<NotificationPanel />
			{principal.user.role === "admin" && (
				<PanelBoundary what="settings of assistants">
					<AssistantPanel initial={await getServices().system.settings(principal)} />
				</PanelBoundary>
			)}
			<PanelBoundary what="list of tokens">
				<TokenPanel initial={await getServices().accounts.listTokens(principal)} />
			</PanelBoundary>
		</div>
	);
}
