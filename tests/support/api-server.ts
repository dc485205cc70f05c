import { once } from "node:events";
import { glob } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import type { Security } from "#server/http/secure.ts";

const appDir = fileURLToPath(new URL("../../app", import.meta.url));

type Handler = (request: Request, context: { params: Promise<Record<string, string | string[]>> }) => Promise<Response>;
interface Route {
	segments: string[];
	file: string;
}

/** A server that answers with the real route handlers behind the real security checks, without Next between them. */
export interface ApiServer {
	origin: string;
	port: number;
	/** Methods each route file exports, by path: `/api/tokens/{id}` → `["DELETE"]`. */
	methods(): Promise<Map<string, string[]>>;
	stop(): Promise<void>;
}

export async function startApiServer(secure: (origin: string) => Security): Promise<ApiServer> {
	const routes = await findRoutes();
	const server = createServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("no port");
	const origin = `http://127.0.0.1:${address.port}`;
	const security = secure(origin);
	server.on("request", (request, response) => {
		if (!security.admit(request, response)) return;
		answer(routes, origin, request, response).catch((error: unknown) => response.destroy(error as Error));
	});
	return {
		origin,
		port: address.port,
		methods: async () =>
			new Map(
				await Promise.all(
					routes.map(async (route) => [pathOf(route), Object.keys(await load(route)).filter((name) => /^[A-Z]+$/.test(name))] as const),
				),
			),
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

async function findRoutes(): Promise<Route[]> {
	const routes: Route[] = [];
	for await (const file of glob("**/route.ts", { cwd: appDir })) routes.push({ file, segments: file.split(sep).slice(0, -1) });
	// As Next does: a name before a parameter, a parameter before the rest.
	const rank = ({ segments }: Route) =>
		segments.map((segment) => (segment.startsWith("[...") ? "3" : segment.startsWith("[") ? "2" : "1")).join("");
	return routes.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

async function answer(routes: Route[], origin: string, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(incoming.url ?? "/", origin);
	const path = url.pathname.split("/").slice(1).map(decodeURIComponent);
	const found = routes.map((route) => ({ route, params: match(route.segments, path) })).find(({ params }) => params !== null);
	const handler = found && ((await load(found.route))[incoming.method ?? "GET"] as Handler | undefined);
	if (!handler || !found?.params) return void response.writeHead(found ? 405 : 404).end();
	const gone = new AbortController();
	response.once("close", () => gone.abort());
	const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
	const request = new Request(url, {
		method: incoming.method,
		headers: Object.entries(incoming.headers).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, [value].flat().join(", ")] as [string, string]],
		),
		body: hasBody ? (Readable.toWeb(incoming) as ReadableStream) : undefined,
		duplex: "half",
		signal: gone.signal,
	} as RequestInit);
	const result = await handler(request, { params: Promise.resolve(found.params) });
	for (const [name, value] of result.headers) if (name !== "set-cookie") response.setHeader(name, value);
	for (const cookie of result.headers.getSetCookie()) response.appendHeader("set-cookie", cookie);
	response.writeHead(result.status);
	response.flushHeaders();
	if (!result.body) return void response.end();
	await pipeline(Readable.fromWeb(result.body as never), response).catch(() => response.destroy());
}

function match(segments: string[], path: string[]): Record<string, string | string[]> | null {
	const params: Record<string, string | string[]> = {};
	for (const [index, segment] of segments.entries()) {
		const given = path[index];
		if (given === undefined) return null;
		if (segment.startsWith("[...")) return { ...params, [segment.slice(4, -1)]: path.slice(index) };
		if (segment.startsWith("[")) params[segment.slice(1, -1)] = given;
		else if (segment !== given) return null;
	}
	return segments.length === path.length ? params : null;
}

function pathOf({ segments }: Route): string {
	return `/${segments.join("/").replace(/\[([^\]]+)\]/g, "{$1}")}`;
}

function load({ file }: Route): Promise<Record<string, unknown>> {
	return import(/* @vite-ignore */ join(appDir, file));
}
