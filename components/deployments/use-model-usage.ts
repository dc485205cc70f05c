import { useQuery } from "@tanstack/react-query";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { isTerminal, type ModelUsage } from "#lib/protocol/index.ts";
import { client } from "../client.ts";

/** What a deployment that has ended used of models; null until that is known. From then on it never changes. */
export function useModelUsage({ id, status }: DeploymentState): ModelUsage | null {
	const { data } = useQuery({
		queryKey: ["model-usage", id],
		queryFn: () => client.models.usage(id),
		enabled: isTerminal(status),
		staleTime: Number.POSITIVE_INFINITY,
	});
	return data ?? null;
}
