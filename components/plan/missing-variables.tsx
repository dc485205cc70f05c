"use client";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import Link from "next/link";
import type { Plan } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { listKeys } from "../shell/live-lists.tsx";
import { Alert } from "../ui/alert.tsx";

/** Names the repository says it needs that neither the project nor the plan sets. */
export function missingVariables(plan: Pick<Plan, "expects" | "env"> | null, set: readonly { name: string }[]): string[] {
	const known = new Set([...set.map(({ name }) => name), ...Object.keys(plan?.env ?? {})]);
	return (plan?.expects ?? []).filter((name) => !known.has(name));
}

/** Address of the form for a variable, with its name filled in. */
export function variableHref(slug: string, name: string): string {
	return `/projects/${slug}?tab=environment&name=${encodeURIComponent(name)}`;
}

/** Variables that the repository expects and nobody has set, each a way to set it. */
export function MissingVariables({ plan, slug }: { plan: Plan; slug: string }) {
	const { data } = useQuery({
		queryKey: [...listKeys.project(slug), "env"],
		queryFn: () => client.projects.env(slug),
		enabled: plan.expects.length > 0,
	});
	const missing = data ? missingVariables(plan, data) : [];
	if (missing.length === 0) return null;
	return (
		<Alert tone="warning" data-missing-variables>
			<KeyRound aria-hidden="true" />
			<div className="min-w-0">
				<p>The repository expects variables that are not set. Without them the app may not work.</p>
				<ul className="mt-1 flex flex-wrap gap-x-3 gap-y-1">
					{missing.map((name) => (
						<li key={name}>
							<Link
								href={variableHref(slug, name)}
								className="inline-flex min-h-6 items-center break-all font-mono text-[0.8125rem] underline underline-offset-4"
							>
								Set {name}
							</Link>
						</li>
					))}
				</ul>
			</div>
		</Alert>
	);
}
