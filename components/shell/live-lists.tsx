"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { streamOf } from "#lib/protocol/index.ts";
import { useStream } from "../live/use-stream.ts";

/** Changes that come within this time are fetched together. */
const gatherMs = 300;

/** Keys under which lists are cached: every list that the user's own stream tells about begins with the first. */
export const listKeys = {
	overview: ["lists", "overview"],
	palette: ["lists", "palette"],
	approvals: ["lists", "approvals"],
	approval: (deploymentId: string, id: string) => ["lists", "approval", deploymentId, id],
	analytics: (days: number) => ["lists", "analytics", days],
	project: (slug: string) => ["lists", "project", slug],
} as const;

/**
 * The one place where live events reach the cached lists. It reads the user's stream on every page, so that the page is connected,
 * and says so, also where it shows nothing that changes.
 */
export function LiveLists({ userId }: { userId: string }) {
	const queries = useQueryClient();
	const gathering = useRef<ReturnType<typeof setTimeout>>(undefined);
	const refresh = () => {
		gathering.current ??= setTimeout(() => {
			gathering.current = undefined;
			void queries.invalidateQueries({ queryKey: ["lists"] });
		}, gatherMs);
	};
	useStream(streamOf.user(userId), { onEvents: refresh, onStart: refresh });
	useEffect(() => () => clearTimeout(gathering.current), []);
	return null;
}
