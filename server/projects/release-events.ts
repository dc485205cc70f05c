import { type Metadata, streamOf } from "../../lib/protocol/index.ts";
import type { StreamWriter } from "../streams/streams.ts";

export interface ReleaseChange {
	releaseId: string;
	status: Metadata<"release_changed">["status"];
	/** Why, for people: "It used more memory than it may." null when somebody asked for it. */
	reason: string | null;
	/** One plain sentence about it; made from the status where it is left out. */
	text?: string;
}

/** Tells the project's page and its owner's lists about a release. Nothing is told of a release that is gone. */
export async function announceRelease(writer: StreamWriter, { releaseId, status, reason, text }: ReleaseChange): Promise<void> {
	const release = await writer.trx
		.selectFrom("releases")
		.innerJoin("projects", "projects.id", "releases.project_id")
		.innerJoin("deployments", "deployments.id", "releases.deployment_id")
		.select(["projects.id as projectId", "projects.owner_id as ownerId", "projects.name", "deployments.number"])
		.where("releases.id", "=", releaseId)
		.executeTakeFirst();
	if (!release) return;
	const sentence = text ?? `${release.name} (deployment ${release.number}) ${sentences[status]}`;
	const draft = {
		type: "release_changed" as const,
		content: reason ? `${sentence} ${reason}` : sentence,
		metadata: { project_id: release.projectId, release: releaseId, status, reason },
	};
	await writer.append(streamOf.project(release.projectId), [draft]);
	await writer.append(streamOf.user(release.ownerId), [draft]);
}

const sentences: Record<ReleaseChange["status"], string> = {
	starting: "is starting.",
	live: "is live.",
	crashed: "has crashed.",
	stopped: "was stopped.",
	lost: "is lost: the machine it ran on is gone.",
};
