import { z } from "zod";
import { idempotencyKeyHeader, slugSchema } from "#lib/protocol/index.ts";
import { operation } from "../api/operation.ts";

/** The same as `POST /api/deployments` with a brief, as older clients send it. */
export const buildPreviewForNewProject = operation({
	method: "POST",
	path: "/build-preview-for-new-project",
	summary: "Make a product described in words and deploy it: another form of POST /api/deployments",
	access: "login",
	body: z.strictObject({
		/** Taken and not believed: whoever is logged in owns the project. */
		userId: z.string().max(200).optional(),
		/** Slug of the project, made if there is none. */
		projectId: slugSchema.optional(),
		prompt: z.string().max(200_000),
	}),
	headers: { [idempotencyKeyHeader]: "The same request under the same key makes one deployment." },
	answer: { status: 202, description: "{buildId, deployment}: the id of the deployment, which /api/builds/{id} answers for." },
});
