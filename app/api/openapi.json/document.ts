import { z } from "zod";
import { errorCodes } from "#lib/errors.ts";
import * as builds from "../../build-preview-for-new-project/schema.ts";
import * as agui from "../agui/schema.ts";
import * as approvals from "../approvals/schema.ts";
import * as auth from "../auth/schema.ts";
import * as deployments from "../deployments/schema.ts";
import * as mcp from "../mcp/schema.ts";
import * as models from "../models/schema.ts";
import type { Operation } from "../operation.ts";
import * as projects from "../projects/schema.ts";
import * as sources from "../projects/source-schema.ts";
import * as shares from "../share/schema.ts";
import * as system from "../system-operations.ts";
import * as tokens from "../tokens/schema.ts";
import * as uploads from "../uploads/schema.ts";
import * as users from "../users/schema.ts";
import { answers } from "./answers.ts";
import { views } from "./views.ts";

/** Every operation of the contract, by its name. */
export const namedOperations: ReadonlyMap<string, Operation> = new Map(
	[deployments, builds, approvals, projects, sources, shares, uploads, models, tokens, users, auth, system, agui, mcp].flatMap(
		(part) => Object.entries(part) as [string, Operation][],
	),
);
export const operations: readonly Operation[] = [...namedOperations.values()];

const errorSchema = z.object({
	error: z.object({ code: z.enum(errorCodes), message: z.string(), action: z.string(), reference: z.string() }),
});

/** The contract as an OpenAPI 3.1 document. */
export function openApiDocument(version: string): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const [name, operation] of namedOperations) {
		const path = paths[operation.path] ?? {};
		path[operation.method.toLowerCase()] = describeOperation(name, operation);
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
			schemas: { Error: schemaOf(errorSchema), ...answerSchemas() },
		},
	};
}

function describeOperation(name: string, { summary, access, params, query, body, file, headers, answer }: Operation): object {
	const named = Object.entries(headers ?? {}).map(([name, description]) => ({
		name,
		in: "header",
		description,
		schema: { type: "string" },
	}));
	const content = answer.mediaType ? { [answer.mediaType]: {} } : { "application/json": { schema: { $ref: refTo(answerName(name)) } } };
	return {
		operationId: name,
		summary,
		security: access === "open" ? [] : [{ token: [] }, { session: [] }],
		parameters: [...parametersOf(params, "path"), ...parametersOf(query, "query"), ...named],
		...(body && { requestBody: { content: { "application/json": { schema: schemaOf(body) } } } }),
		...(file && {
			requestBody: {
				description: file.description,
				required: true,
				content: { [file.mediaType]: { schema: { type: "string", format: "binary" } } },
			},
		}),
		responses: {
			[answer.status]: { description: answer.description, ...(answer.status !== 204 && { content }) },
			default: {
				description: "What happened, what to do about it, and a reference that finds it in the log.",
				content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
			},
		},
	};
}

/** Every answer, and what answers are made of, each under its name. */
function answerSchemas(): Record<string, object> {
	const named = z.registry<{ id: string }>();
	for (const [id, schema] of Object.entries(views)) named.add(schema, { id });
	// A copy each, because several operations share an answer.
	for (const [name, schema] of Object.entries(answers)) named.add(schema.clone(), { id: answerName(name) });
	const { schemas } = z.toJSONSchema(named, { uri: refTo, unrepresentable: "any" });
	return Object.fromEntries(Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema]));
}

const answerName = (operation: string) => `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Answer`;
const refTo = (name: string) => `#/components/schemas/${name}`;

function parametersOf(schema: z.ZodType | undefined, place: "path" | "query"): object[] {
	const { properties = {}, required = [] } = schema ? schemaOf(schema) : {};
	return Object.entries(properties).map(([name, property]) => ({ name, in: place, required: required.includes(name), schema: property }));
}

function schemaOf(schema: z.ZodType): { properties?: Record<string, object>; required?: string[] } {
	const { $schema, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
	return json as { properties?: Record<string, object>; required?: string[] };
}
