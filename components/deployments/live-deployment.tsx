"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { lazy } from "react";
import type { DeploymentView } from "#lib/deployment/state.ts";
import type { LogEntry, ReleaseView, Stage } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { useDeployment } from "../live/use-deployment.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Late } from "../shell/late.tsx";
import { Loading } from "../shell/loading.tsx";
import { DeploymentActions } from "./deployment-actions.tsx";
import { DeploymentScreen } from "./deployment-screen.tsx";
import { useModelUsage } from "./use-model-usage.ts";
import { useStanding } from "./use-standing.ts";

// Each comes when somebody opens its tab.
const Conversation = lazy(() => import("./conversation/conversation.tsx").then((module) => ({ default: module.Conversation })));
const TimelineTab = lazy(() => import("../timeline/timeline-tab.tsx").then((module) => ({ default: module.TimelineTab })));
const EventList = lazy(() => import("./event-list.tsx").then((module) => ({ default: module.EventList })));

interface LiveDeploymentProps {
	initial: DeploymentView;
	/** The newest lines of its log. */
	lines: readonly LogEntry[];
	usualMs: readonly number[];
	/** Of its project, as the server rendered the page. */
	releases: ReleaseView[];
}

/** The deployment page: what the server rendered, kept true by its stream. */
export function LiveDeployment({ initial, lines, usualMs, releases }: LiveDeploymentProps) {
	const router = useRouter();
	const deployment = useDeployment(initial, lines);
	const { state, activity, log } = deployment;
	const standing = useStanding(state, releases);
	const used = useModelUsage(state);
	const cancel = useMutation({ mutationFn: () => client.deployments.cancel(state.id) });
	const pause = useMutation({ mutationFn: () => client.deployments.pause(state.id) });
	const resume = useMutation({ mutationFn: () => client.deployments.resume(state.id) });
	const retry = useMutation({
		mutationFn: (from: Stage) => client.deployments.retry(state.id, from),
		onSuccess: ({ deployment }) => router.push(`/deployments/${deployment.id}`),
	});
	const pausing = pause.isPending || resume.isPending;
	const pending = cancel.isPending ? "cancel" : pausing ? "pause" : retry.isPending || retry.isSuccess ? "retry" : null;
	return (
		<>
			<CallFailure error={cancel.error ?? pause.error ?? resume.error ?? retry.error} />
			<DeploymentScreen
				state={state}
				activity={activity}
				log={log}
				usualMs={usualMs}
				standing={standing}
				used={used}
				onRetry={retry.mutate}
				retrying={pending === "retry"}
				actions={
					<DeploymentActions
						state={state}
						pending={pending}
						onCancel={() => cancel.mutate()}
						onPause={() => pause.mutate()}
						onResume={() => resume.mutate()}
						onRetry={retry.mutate}
					/>
				}
				conversation={
					<Late fallback={<Loading what="conversation" />}>
						<Conversation deployment={deployment} used={used} onRetry={retry.mutate} retrying={pending === "retry"} />
					</Late>
				}
				timeline={
					<Late fallback={<Loading what="timeline" />}>
						<TimelineTab deployment={deployment} />
					</Late>
				}
				events={
					<Late fallback={<Loading what="events" />}>
						<EventList deployment={deployment} />
					</Late>
				}
			/>
		</>
	);
}
