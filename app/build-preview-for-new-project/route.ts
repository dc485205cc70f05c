import { handle } from "../api/handle.ts";
import { idempotencyKeyOf } from "../api/idempotency-key.ts";
import { buildPreviewForNewProject } from "./schema.ts";

export const dynamic = "force-dynamic";

export const POST = handle(buildPreviewForNewProject, async ({ services, principal, body, request, correlationId }) => {
	const { projectId: project, prompt: text } = body;
	const input = { source: { type: "brief" as const, text }, ...(project !== undefined && { project }) };
	const { deployment } = await services.deployments.create(principal, input, {
		idempotencyKey: idempotencyKeyOf(request),
		correlationId,
	});
	return { buildId: deployment.id, deployment };
});
