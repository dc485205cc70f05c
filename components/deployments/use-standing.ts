"use client";
import { useCallback, useEffect, useState } from "react";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { type ReleaseView, streamOf } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { useStream } from "../live/use-stream.ts";
import { type ReleaseStanding, standingOf } from "./words.ts";

/** Where the release of a deployment stands by now, kept true by the project's stream. One that has just succeeded is live. */
export function useStanding({ release, status, project }: DeploymentState, releases: readonly ReleaseView[]): ReleaseStanding {
	const succeeded = status === "succeeded";
	const [standing, setStanding] = useState<ReleaseStanding>(succeeded ? standingOf(releases, release) : "live");
	const refresh = useCallback(() => {
		client.projects.releases(project.slug).then(
			(newest) => setStanding(standingOf(newest, release)),
			// What was true last stays shown; the next change asks again.
			() => undefined,
		);
	}, [project.slug, release]);
	const stream = succeeded ? streamOf.project(project.id) : null;
	useStream(stream, { onEvents: refresh });
	const [endedBefore] = useState(succeeded);
	useEffect(() => {
		if (succeeded && !endedBefore) refresh();
	}, [succeeded, endedBefore, refresh]);
	return standing;
}
