import { z } from "zod";
import { errorCodes } from "#lib/errors.ts";
import * as auth from "../auth/schema.ts";
import * as deployments from "../deployments/schema.ts";
import type { Operation } from "../operation.ts";
import * as projects from "../projects/schema.ts";
import * as system from "../system-operations.ts";
import * as tokens from "../tokens/schema.ts";
import * as users from "../users/schema.ts";

/** Every operation of the contract. */
export const operations: readonly Operation[] = [deployments, projects, tokens, users, auth, system].flatMap(
	(part) => Object.values(part) as Operation[],
);

const errorSchema = z.object({
	error: z.object({ code: z.enum(errorCodes), message: z.string(), action: z.string(), reference: z.string() }),
});

/** The contract as an OpenAPI 3.1 document. */
export function openApiDocument(version: string): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const operation of operations) {
		const path = paths[operation.path] ?? {};
		path[operation.method.toLowerCase()] = describeOperation(operation);
		paths[operation.path] = path;
	}
	return {
		openapi: "3.1.0",
		info: { title: "Quayside", version },
		paths,
		components: {
			securitySchemes: {
				token: { type: "http", scheme: "bearer" },
				session: { type: "apiKey", in: "cookie", name: "quayside_session" },
			},
			schemas: { Error: schemaOf(errorSchema) },
		},
	};
}

function describeOperation({ summary, access, params, query, body, headers, answer }: Operation): object {
	const named = Object.entries(headers ?? {}).map(([name, description]) => ({
		name,
		in: "header",
		description,
		schema: { type: "string" },
	}));
	const content = { [answer.mediaType ?? "application/json"]: {} };
	return {
		summary,
		security: access === "open" ? [] : [{ token: [] }, { session: [] }],
		parameters: [...parametersOf(params, "path"), ...parametersOf(query, "query"), ...named],
		...(body && { requestBody: { content: { "application/json": { schema: schemaOf(body) } } } }),
		responses: {
			[answer.status]: { description: answer.description, ...(answer.status !== 204 && { content }) },
			default: {
				description: "What happened, what to do about it, and a reference that finds it in the log.",
				content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
			},
		},
	};
}

function parametersOf(schema: z.ZodType | undefined, place: "path" | "query"): object[] {
	const { properties = {}, required = [] } = schema ? schemaOf(schema) : {};
	return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: required.includes(name), schema: property }));
}

function schemaOf(schema: z.ZodType): { properties?: Record<string, object>; required?: string[] } {
	const { $schema, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
	return json as { properties?: Record<string, object>; required?: string[] };
}
