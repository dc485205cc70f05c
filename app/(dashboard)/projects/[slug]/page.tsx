import type { Metadata } from "next";
import { orNotFound, requirePrincipal } from "#app/principal.ts";
import { ProjectScreen } from "#components/projects/project-screen.tsx";
import { getServices } from "#lib/services.ts";

interface ProjectPageProps {
	params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: ProjectPageProps): Promise<Metadata> {
	return { title: (await params).slug };
}

export default async function ProjectPage({ params }: ProjectPageProps) {
	const { slug } = await params;
	const principal = await requirePrincipal(`/projects/${slug}`);
	const { projects, deployments } = getServices();
	const project = await orNotFound(projects.get(principal, slug));
	const [list, releases, env] = await Promise.all([
		deployments.list(principal, { project: slug, limit: 20 }),
		projects.releases(principal, slug),
		projects.env(principal, slug),
	]);
	return <ProjectScreen key={project.id} project={project} deployments={list.deployments} releases={releases} env={env} />;
}
