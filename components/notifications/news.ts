import type { StreamEvent } from "#lib/protocol/index.ts";

/** Something that a person who looks elsewhere would want to know. */
export interface News {
	/** Of the event, so that it is told once, however often it arrives. */
	id: string;
	tone: "success" | "danger" | "warning";
	title: string;
	/** Page that shows more; null where there is none. */
	href: string | null;
}

/** What an event of the person's own stream means to somebody who does not look; null for most of them. */
export function newsOf(event: StreamEvent): News | null {
	const { id, content, deployment_id } = event;
	const href = deployment_id === null ? null : `/deployments/${deployment_id}`;
	switch (event.type) {
		case "deployment_completed":
			// Who cancels knows that it is cancelled.
			if (event.metadata.status === "cancelled") return null;
			return { id, tone: event.metadata.status === "succeeded" ? "success" : "danger", title: content, href };
		case "approval_requested":
			return { id, tone: "warning", title: content, href };
		case "release_changed":
			return event.metadata.status === "crashed" ? { id, tone: "danger", title: content, href: "/projects" } : null;
		case "system":
			return event.metadata.message_type === "warning" ? { id, tone: "warning", title: content, href } : null;
		default:
			return null;
	}
}
