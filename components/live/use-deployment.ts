"use client";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { type LogEntry, streamOf } from "#lib/protocol/index.ts";
import { client as calls } from "../client.ts";
import { createDeploymentFeed, type LiveDeployment } from "./deployment-feed.ts";
import { useLiveClient } from "./live-provider.tsx";

/** Lines that come within this time are counted together. A timer and not a frame, so that a background tab keeps its title true. */
const coalesceMs = 50;

/**
 * A deployment as it is now: the server's view and its newest lines at first, then kept true by what its stream says after them.
 * What is older is fetched when somebody looks at it.
 */
export function useDeployment(initial: DeploymentView, lines: readonly LogEntry[]): LiveDeployment {
	const client = useLiveClient();
	const [feed] = useState(() =>
		createDeploymentFeed({
			initial,
			lines,
			readLog: (query, signal) => calls.deployments.logLines(initial.id, query, signal),
			nextFrame: (work) => requestAnimationFrame(work),
			later: (work) => setTimeout(work, coalesceMs),
		}),
	);
	useEffect(() => {
		if (!client) return;
		const stop = client.subscribe(streamOf.deployment(initial.id), feed.cursor(), feed.handlers);
		return () => {
			stop();
			feed.current().log.stop();
		};
	}, [client, feed, initial.id]);
	const live = useSyncExternalStore(feed.subscribe, feed.current, feed.current);
	// The page can be rendered anew while the connection is away.
	if (live.epoch !== initial.epoch || live.state.lastSeq >= initial.lastSeq) return live;
	const { epoch, activity, ...state } = initial;
	return { ...live, state, activity };
}
