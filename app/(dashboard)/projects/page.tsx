import type { Metadata } from "next";
import { requirePrincipal } from "#app/principal.ts";
import { ProjectList } from "#components/projects/project-list.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Projects" };

export default async function ProjectsPage() {
	const principal = await requirePrincipal("/projects");
	return (
		<div className="grid grid-cols-1 gap-5">
			<h1 className="font-semibold text-2xl tracking-tight">Projects</h1>
			<ProjectList projects={await getServices().projects.list(principal)} />
		</div>
	);
}
