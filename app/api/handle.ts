import { AppError, isAppError, toPublicError } from "#lib/errors.ts";
import { requestIdHeader } from "#lib/protocol/index.ts";
import { getServices, type Principal, type Services } from "#lib/services.ts";
import type { Operation } from "./operation.ts";
import { parseOrThrow, readJson } from "./parse.ts";

/** What a handler is given: who asks, and what for. */
export interface Call<Params, Query, Body> {
	services: Services;
	principal: Principal;
	params: Params;
	query: Query;
	body: Body;
	request: Request;
	/** Finds this request, and all that follows from it, in the log. */
	correlationId: string;
}

type Context = { params: Promise<Record<string, string | string[] | undefined>> };
type Handler = (request: Request, context: Context) => Promise<Response>;

/**
 * Makes a route handler of an operation: it authenticates, parses, lets `work` answer, and turns every error into
 * `{error:{code,message,action,reference}}`. A value is answered as JSON, a `Response` as it is.
 */
export function handle<Params, Query, Body>(
	operation: Operation<Params, Query, Body>,
	work: (call: Call<Params, Query, Body>) => Promise<unknown>,
): Handler {
	return answering(operation, async (services, request, context, correlationId) => {
		const principal = await services.accounts.authenticate({ method: request.method, headers: request.headers });
		if (!principal) throw new AppError("unauthenticated");
		return work({ services, principal, request, correlationId, ...(await parse(operation, request, context)) });
	});
}

/** The same for an operation that needs no login. */
export function handleOpen<Params, Query, Body>(
	operation: Operation<Params, Query, Body> & { access: "open" },
	work: (call: Omit<Call<Params, Query, Body>, "principal">) => Promise<unknown>,
): Handler {
	return answering(operation, async (services, request, context, correlationId) =>
		work({ services, request, correlationId, ...(await parse(operation, request, context)) }),
	);
}

function answering(
	{ answer, path }: Operation,
	work: (services: Services, request: Request, context: Context, correlationId: string) => Promise<unknown>,
): Handler {
	return async (request, context) => {
		const correlationId = request.headers.get(requestIdHeader) ?? crypto.randomUUID();
		try {
			const result = await work(getServices(), request, context, correlationId);
			const response = result instanceof Response ? result : json(result, answer.status);
			response.headers.set(requestIdHeader, correlationId);
			return response;
		} catch (error) {
			return failure(error, { path, method: request.method, correlationId });
		}
	};
}

async function parse<Params, Query, Body>({ params, query, body }: Operation<Params, Query, Body>, request: Request, context: Context) {
	return {
		params: params ? parseOrThrow(params, await context.params, "not_found") : (undefined as Params),
		query: query ? parseOrThrow(query, Object.fromEntries(new URL(request.url).searchParams), "bad_request") : (undefined as Query),
		body: body ? parseOrThrow(body, await readJson(request), "bad_request") : (undefined as Body),
	};
}

/** An answer as JSON that nobody on the way keeps. */
export function json(value: unknown, status = 200): Response {
	if (status === 204) return new Response(null, { status, headers: { "cache-control": "no-store" } });
	return Response.json(value, { status, headers: { "cache-control": "no-store" } });
}

function failure(error: unknown, context: { path: string; method: string; correlationId: string }): Response {
	const response = json({ error: toPublicError(error, referenceOf(error, context)) }, isAppError(error) ? error.status : 500);
	response.headers.set(requestIdHeader, context.correlationId);
	if (isAppError(error) && typeof error.data?.retryAfterS === "number") response.headers.set("retry-after", String(error.data.retryAfterS));
	return response;
}

/** Without a server there is no log to write to: then the request id has to do. */
function referenceOf(error: unknown, context: { path: string; method: string; correlationId: string }): string {
	try {
		return getServices().system.reportError(error, context);
	} catch {
		return context.correlationId;
	}
}
