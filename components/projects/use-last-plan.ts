"use client";
import { useQuery } from "@tanstack/react-query";
import type { Plan, PlanChoice } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { listKeys } from "../shell/live-lists.tsx";

export interface LastPlan {
	plan: Plan | null;
	alternatives: PlanChoice[];
}

/** Deployments that are looked at for a plan: the newest ones may have failed before there was one. */
const maxLookedAt = 3;

/** The newest plan of a project, from these deployments (newest first). */
export function useLastPlan(slug: string, deployments: readonly { id: string }[]) {
	const ids = deployments.slice(0, maxLookedAt).map(({ id }) => id);
	return useQuery({ queryKey: [...listKeys.project(slug), "plan", ...ids], queryFn: () => newestPlan(ids) });
}

async function newestPlan(ids: readonly string[]): Promise<LastPlan> {
	for (const id of ids) {
		const { plan, alternatives } = await client.deployments.get(id);
		if (plan) return { plan, alternatives };
	}
	return { plan: null, alternatives: [] };
}
