"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import type { DeploymentView } from "#lib/deployment/state.ts";
import type { Stage } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { useDeployment } from "../live/use-deployment.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { DeploymentActions } from "./deployment-actions.tsx";
import { DeploymentScreen } from "./deployment-screen.tsx";
import { EventList } from "./event-list.tsx";

/** The deployment page: what the server rendered, kept true by its stream. */
export function LiveDeployment({ initial, usualMs }: { initial: DeploymentView; usualMs: readonly number[] }) {
	const router = useRouter();
	const { state, activity, events, log } = useDeployment(initial);
	const cancel = useMutation({ mutationFn: () => client.deployments.cancel(state.id) });
	const retry = useMutation({
		mutationFn: (from: Stage) => client.deployments.retry(state.id, from),
		onSuccess: ({ deployment }) => router.push(`/deployments/${deployment.id}`),
	});
	const pending = cancel.isPending ? "cancel" : retry.isPending || retry.isSuccess ? "retry" : null;
	return (
		<>
			<CallFailure error={cancel.error ?? retry.error} />
			<DeploymentScreen
				state={state}
				activity={activity}
				log={log}
				usualMs={usualMs}
				actions={
					<DeploymentActions state={state} pending={pending} onCancel={() => cancel.mutate()} onRetry={(from) => retry.mutate(from)} />
				}
				events={<EventList events={events} />}
			/>
		</>
	);
}
