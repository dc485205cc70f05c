import type { Metadata } from "next";
import { requirePrincipal } from "#app/principal.ts";
import { ModelsPanel } from "#components/settings/models/models-panel.tsx";
import { Breadcrumb } from "#components/shell/breadcrumb.tsx";
import { PanelBoundary } from "#components/shell/panel-boundary.tsx";

export const metadata: Metadata = { title: "Models" };

export default async function ModelsPage() {
	const { user } = await requirePrincipal("/settings/models");
	return (
		<div className="grid max-w-4xl grid-cols-1 gap-5">
			<Breadcrumb trail={[{ name: "Settings", href: "/settings" }]} here="Models" />
			<h1 className="font-semibold text-2xl tracking-tight">Models</h1>
			{user.role === "admin" ? (
				<PanelBoundary what="list of models">
					<ModelsPanel />
				</PanelBoundary>
			) : (
				<p className="text-muted-foreground">Only an administrator sets up models. Ask one of them.</p>
			)}
		</div>
	);
}
