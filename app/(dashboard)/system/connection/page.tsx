import type { Metadata } from "next";
import { requirePrincipal } from "#app/principal.ts";
import { Breadcrumb } from "#components/shell/breadcrumb.tsx";
import { ConnectionDoctor } from "#components/system/connection-doctor.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Connection doctor" };

export default async function ConnectionPage() {
	const { user } = await requirePrincipal("/system/connection");
	return (
		<div className="grid grid-cols-1 gap-5">
			<Breadcrumb trail={[{ name: "System", href: "/system" }]} here="Connection doctor" />
			<ConnectionDoctor userId={user.id} upstreamPort={getServices().system.port()} />
		</div>
	);
}
