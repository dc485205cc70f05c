"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client } from "../client.ts";
import { listKeys } from "../shell/live-lists.tsx";

type RunVerb = "start" | "stop" | "restart";

/** What can be done with a project's releases. */
export interface ReleaseControls {
	/** A request is under way. */
	busy: boolean;
	/** Why the last one was refused. */
	error: Error | null;
	run: (verb: RunVerb) => void;
	rollback: (release: string) => void;
}

export function useReleaseControls(slug: string): ReleaseControls {
	const queries = useQueryClient();
	const { mutate, isPending, error } = useMutation({
		mutationFn: (what: RunVerb | { release: string }) =>
			typeof what === "string" ? client.projects[what](slug) : client.projects.rollback(slug, what.release),
		onSettled: () => queries.invalidateQueries({ queryKey: listKeys.project(slug) }),
	});
	return { busy: isPending, error, run: mutate, rollback: (release) => mutate({ release }) };
}
