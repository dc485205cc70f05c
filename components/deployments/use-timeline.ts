import { useMemo } from "react";
import useSWRInfinite from "swr/infinite";
import type { StreamEvent, Timeline } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import type { LiveDeployment } from "../live/deployment-feed.ts";

/** What was recorded never changes, so a page that was read is not read again. */
const readOnce = { revalidateIfStale: false, revalidateOnFocus: false, revalidateOnReconnect: false, revalidateFirstPage: false };

const nothing: Timeline[] = [];

/** Everything that was recorded of a deployment except its log, as far back as it was asked for. */
export interface PastAndLive {
	/** Oldest first: page after page of the past, and what came live. */
	events: StreamEvent[];
	error: Error | null;
	/** Reads the page before; null where there is none. */
	readMore: (() => void) | null;
	reading: boolean;
}

/** The events of a deployment: what came live, and before it page after page. */
export function useTimeline({ state, epoch, events, since }: LiveDeployment): PastAndLive {
	const {
		data = nothing,
		error,
		isValidating,
		size,
		setSize,
	} = useSWRInfinite(
		(_, previous: Timeline | null) =>
			previous && !previous.more
				? null
				: (["timeline", state.id, `${epoch}/${since.log}`, previous?.events[0]?.seq ?? since.seq + 1] as const),
		([, id, , before]) => client.deployments.timeline(id, { before }),
		readOnce,
	);
	const all = useMemo(() => [...data.toReversed().flatMap((page) => page.events), ...events], [data, events]);
	return {
		events: all,
		error: error ?? null,
		readMore: data.at(-1)?.more ? () => void setSize(size + 1) : null,
		reading: isValidating,
	};
}
