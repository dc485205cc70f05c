import { useQuery } from "@tanstack/react-query";
import type { ArtifactState } from "#lib/deployment/state.ts";
import { client } from "../client.ts";

/** The text of a file that a deployment made. What was read once never changes: its hash is part of its name. */
export function useArtifactText(deploymentId: string, { name, sha256 }: Pick<ArtifactState, "name" | "sha256">, enabled = true) {
	return useQuery({
		queryKey: ["artifact", deploymentId, name, sha256],
		queryFn: async () => new TextDecoder().decode(await client.deployments.artifact(deploymentId, name)),
		staleTime: Number.POSITIVE_INFINITY,
		enabled,
	});
}
