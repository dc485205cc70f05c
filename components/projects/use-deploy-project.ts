"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { ulid } from "ulid";
import type { DeploymentRow, ProjectView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";

/** Deploys a project anew, as it is. */
export interface DeployProject {
	/** Leads to the new deployment; null where there is nothing to deploy from here. */
	start: (() => void) | null;
	busy: boolean;
	error: Error | null;
}

/** A repository is cloned anew; a folder that was sent is deployed again as the newest deployment had it. */
export function useDeployProject({ slug, source }: ProjectView, newest: Pick<DeploymentRow, "id"> | undefined): DeployProject {
	const router = useRouter();
	const { mutate, isPending, isSuccess, error } = useMutation({
		mutationFn: async (idempotencyKey: string) => {
			if (source.type !== "git") return client.deployments.retry(newest?.id ?? "", "clone");
			const { type, url, ref, directory } = source;
			const from = { type, url, ...(ref && { ref }), ...(directory && { directory }) };
			return client.deployments.create({ source: from, project: slug }, { idempotencyKey });
		},
		onSuccess: ({ deployment }) => router.push(`/deployments/${deployment.id}`),
	});
	const busy = isPending || isSuccess;
	const canStart = source.type === "git" || newest !== undefined;
	return { start: canStart ? () => !busy && mutate(ulid()) : null, busy, error };
}
