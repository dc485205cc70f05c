import { createUploadSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

export const createUpload = operation({
	method: "POST",
	path: "/api/uploads",
	summary: "Send a folder to be deployed",
	access: "login",
	query: createUploadSchema,
	file: { mediaType: "application/gzip", description: "The folder as a tar archive, packed with gzip." },
	answer: { status: 201, description: "{upload}: its id goes into the source of a deployment." },
});
