"use client";
import { useState } from "react";
import useSWRSubscription from "swr/subscription";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { streamOf } from "#lib/protocol/index.ts";
import { createDeploymentFeed, type LiveDeployment } from "./deployment-feed.ts";
import { useLiveClient } from "./live-provider.tsx";

/** Changes within this time are painted together. A timer and not a frame, so that a background tab keeps its title true. */
const coalesceMs = 50;

/** A deployment as it is now: the server's view at first, then kept true by its stream. Callers with the same id share one feed. */
export function useDeployment(initial: DeploymentView): LiveDeployment {
	const client = useLiveClient();
	const [first] = useState(() => createDeploymentFeed(initial, requestFrame, () => {}).current());
	const { data } = useSWRSubscription<LiveDeployment, Error, [string, string] | null>(
		client && ["deployment", initial.id],
		(_key, { next }) => {
			let timer: ReturnType<typeof setTimeout> | null = null;
			const feed = createDeploymentFeed(initial, requestFrame, () => {
				timer ??= setTimeout(() => {
					timer = null;
					next(null, feed.current());
				}, coalesceMs);
			});
			// With the epoch and from 0: every event, so that the log is whole. See "Where a reader begins" in docs/protocol.md.
			const stop = client?.subscribe(streamOf.deployment(initial.id), { epoch: initial.epoch, after: 0 }, feed.handlers);
			return () => {
				stop?.();
				if (timer) clearTimeout(timer);
			};
		},
	);
	const isOlder = !data || (data.epoch === initial.epoch && data.state.lastSeq < initial.lastSeq);
	return isOlder ? { ...first, ...(data && { log: data.log, events: data.events }) } : data;
}

function requestFrame(work: () => void): void {
	requestAnimationFrame(work);
}
