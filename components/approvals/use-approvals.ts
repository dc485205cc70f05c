"use client";
import { useQuery } from "@tanstack/react-query";
import type { WaitingApproval } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { listKeys } from "../shell/live-lists.tsx";

/** What waits for this person, the oldest question first; `initial` is what the server rendered. */
export function useApprovals(initial: WaitingApproval[]): readonly WaitingApproval[] {
	const { data } = useQuery({ queryKey: listKeys.approvals, queryFn: () => client.deployments.approvals(), initialData: initial });
	return data;
}

/** One question with what it is about, as things stand now. */
export function useApproval(deploymentId: string, id: string) {
	return useQuery({
		queryKey: listKeys.approval(deploymentId, id),
		queryFn: () => client.deployments.approval(deploymentId, id),
		// Somebody who decides must not decide by what was true a while ago.
		staleTime: 0,
	});
}
