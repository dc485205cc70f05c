import { Stethoscope } from "lucide-react";
import type { Metadata } from "next";
import Link from "next/link";
import { requirePrincipal } from "#app/principal.ts";
import { ConnectionTable } from "#components/system/connection-table.tsx";
import { Facts } from "#components/system/facts.tsx";
import { Button } from "#components/ui/button.tsx";
import { formatDuration } from "#lib/format.ts";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "System" };

export default async function SystemPage() {
	const principal = await requirePrincipal("/system");
	const { system, accounts } = getServices();
	const { version, uptimeS } = system.health();
	const { clients, maxConnections, byTransport, parked, dropped } = system.liveStatus(principal);
	const isAdmin = principal.user.role === "admin";
	const users = isAdmin ? await accounts.listUsers(principal) : [];
	return (
		<div className="grid grid-cols-1 gap-6">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<h1 className="font-semibold text-2xl tracking-tight">System</h1>
				<Button asChild variant="outline">
					<Link href="/system/connection">
						<Stethoscope aria-hidden="true" />
						Test my connection
					</Link>
				</Button>
			</div>
			<Facts
				facts={[
					["Version", version],
					["Running for", formatDuration(uptimeS * 1000)],
					["Live connections", `${clients} of at most ${maxConnections}`],
					["WebSocket", String(byTransport.ws)],
					["SSE", String(byTransport.sse)],
					["Polling", String(byTransport.poll)],
					["Cannot keep up", String(parked)],
					["Ended by the server", String(dropped)],
				]}
			/>
			{isAdmin ? (
				<ConnectionTable connections={system.liveClients(principal)} names={Object.fromEntries(users.map(({ id, name }) => [id, name]))} />
			) : (
				<p className="text-muted-foreground text-sm">Administrators see here who is connected.</p>
			)}
		</div>
	);
}
