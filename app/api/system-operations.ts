import { z } from "zod";
import { shareTokenSchema, systemSettingsSchema } from "#lib/protocol/index.ts";
import { operation } from "./operation.ts";

export const health = operation({
	method: "GET",
	path: "/api/health",
	summary: "Say that the process is alive",
	access: "open",
	answer: { status: 200, description: "{status, version, boot, uptimeS}" },
});

export const ready = operation({
	method: "GET",
	path: "/api/ready",
	summary: "Say whether everything works that requests need",
	access: "open",
	answer: { status: 200, description: "{ready, checks}; 503 when not ready." },
});

export const liveStatus = operation({
	method: "GET",
	path: "/api/live/status",
	summary: "Show how many connections watch, and how well they keep up",
	access: "login",
	answer: { status: 200, description: "Counts since the start of this server; 503 while it stops, so that `curl -f` fails." },
});

export const liveClients = operation({
	method: "GET",
	path: "/api/live/clients",
	summary: "List the connections that watch: your own, an administrator everybody's",
	access: "login",
	answer: { status: 200, description: "{clients}" },
});

export const triggerUpdate = operation({
	method: "POST",
	path: "/api/live/trigger",
	summary: "Say something on your own stream, to see that it arrives (administrators)",
	access: "login",
	answer: { status: 202, description: "{event}: what every page of yours that is open is told now." },
});

export const metrics = operation({
	method: "GET",
	path: "/api/metrics",
	summary: "Read the metrics (administrators)",
	access: "login",
	answer: { status: 200, description: "Prometheus text.", mediaType: "text/plain" },
});

export const readSystemSettings = operation({
	method: "GET",
	path: "/api/settings",
	summary: "Show what administrators decided for the whole platform",
	access: "login",
	answer: { status: 200, description: "{settings}" },
});

export const writeSystemSettings = operation({
	method: "PUT",
	path: "/api/settings",
	summary: "Decide for the whole platform (administrators)",
	access: "login",
	body: z.strictObject({ settings: systemSettingsSchema }),
	answer: { status: 200, description: "{settings}: as they are now. Who changed them is in the log." },
});

export const openapi = operation({
	method: "GET",
	path: "/api/openapi.json",
	summary: "Read this contract",
	access: "login",
	answer: { status: 200, description: "An OpenAPI 3.1 document." },
});

/** What a browser saw go wrong in a page of ours. */
export const reportClientError = operation({
	method: "POST",
	path: "/api/client-errors",
	summary: "Report an error of a page, from somebody who is logged in or looks at a shared deployment",
	access: "open",
	body: z.strictObject({
		message: z.string().min(1).max(1000),
		stack: z.string().max(8000).optional(),
		/** Path of the page. */
		page: z.string().max(500).optional(),
		digest: z.string().max(100).optional(),
		/** What could not be shown: "log". */
		part: z.string().max(100).optional(),
		/** Token of the shared deployment it happened on; without one, somebody has to be logged in. */
		share: shareTokenSchema.optional(),
	}),
	answer: { status: 202, description: "{reference}: finds it in the log." },
});
