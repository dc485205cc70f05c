import { formatDuration } from "../../lib/format.ts";
import { type Metadata, type ReleaseView, streamOf } from "../../lib/protocol/index.ts";
import type { StreamWriter } from "../streams/streams.ts";

export interface ReleaseChange {
	releaseId: string;
	status: Metadata<"release_changed">["status"];
	/** Why, for people: "It used more memory than it may." null when somebody asked for it. */
	reason: string | null;
	/** Stopped until the next visitor. */
	asleep?: boolean;
	/** How its app ended. */
	crash?: ReleaseView["crash"];
	/** What happened to it, for people: goes on from its name. Made from the status where it is left out. */
	says?: string;
	/** One plain sentence instead of all that. */
	text?: string;
}

/** Tells the project's page and its owner's lists about a release. Nothing is told of a release that is gone. */
export async function announceRelease(writer: StreamWriter, change: ReleaseChange): Promise<void> {
	const { releaseId, status, reason, text, says, crash = null, asleep = false } = change;
	const release = await writer.trx
		.selectFrom("releases")
		.innerJoin("projects", "projects.id", "releases.project_id")
		.innerJoin("deployments", "deployments.id", "releases.deployment_id")
		.select(["projects.id as projectId", "projects.owner_id as ownerId", "projects.name", "deployments.number"])
		.where("releases.id", "=", releaseId)
		.executeTakeFirst();
	if (!release) return;
	const sentence = text ?? `${release.name} (deployment ${release.number}) ${says ?? sentences[status]}`;
	const draft = {
		type: "release_changed" as const,
		content: reason ? `${sentence} ${reason}` : sentence,
		metadata: {
			project_id: release.projectId,
			release: releaseId,
			status,
			reason,
			asleep,
			crash: crash && { message: crash.message, exit_code: crash.exitCode, lines: crash.lines },
		},
	};
	await writer.append(streamOf.project(release.projectId), [draft]);
	await writer.append(streamOf.user(release.ownerId), [{ ...draft, requires_ack: status === "crashed" }]);
}

/** Tells the project's page and its owner's lists that visitors of an app wait for nothing. */
export async function announceSilence(
	writer: StreamWriter,
	slug: string,
	{ requests, timeoutMs }: { requests: number; timeoutMs: number },
): Promise<void> {
	const project = await writer.trx
		.selectFrom("projects")
		.select(["id", "owner_id", "name"])
		.where("slug", "=", slug)
		.where("deleted_at", "is", null)
		.executeTakeFirst();
	if (!project) return;
	const content = `${project.name} does not answer: ${requests} requests in a row waited ${formatDuration(timeoutMs)} for nothing. Look at its log, or restart it.`;
	const draft = { type: "system" as const, source: "releases" as const, content, metadata: { message_type: "warning" as const } };
	await writer.append(streamOf.project(project.id), [draft]);
	await writer.append(streamOf.user(project.owner_id), [draft]);
}

const sentences: Record<ReleaseChange["status"], string> = {
	starting: "is starting.",
	live: "is live.",
	crashed: "has crashed.",
	stopped: "was stopped.",
	lost: "is lost: the machine it ran on is gone.",
};
