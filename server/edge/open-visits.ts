import type { Visit } from "../projects/preview-route.ts";

/** Bounds what is open at a time: for a project, and for one visitor of it. */
export interface OpenVisits {
	/** Counts a visit until it is over; `project` or `visitor` when that one has as many open as it may. */
	enter(slug: string, address: string, visit: Visit): "in" | "project" | "visitor";
}

export function createOpenVisits({ perProject, perVisitor }: { perProject: number; perVisitor: number }): OpenVisits {
	const projects = createCounts();
	const visitors = createCounts();
	return {
		enter(slug, address, visit) {
			const visitor = `${slug} ${address}`;
			if (projects.of(slug) >= perProject) return "project";
			if (visitors.of(visitor) >= perVisitor) return "visitor";
			projects.add(slug, 1);
			visitors.add(visitor, 1);
			visit.once("close", () => {
				projects.add(slug, -1);
				visitors.add(visitor, -1);
			});
			return "in";
		},
	};
}

/** Holds only what is not zero. */
function createCounts() {
	const counts = new Map<string, number>();
	const of = (key: string): number => counts.get(key) ?? 0;
	return {
		of,
		add(key: string, change: number): void {
			const now = of(key) + change;
			if (now === 0) counts.delete(key);
			else counts.set(key, now);
		},
	};
}
