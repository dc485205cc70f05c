import { createRequire } from "node:module";
import { type Kysely, sql } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { streamOf } from "../../lib/protocol/index.ts";
import type { Principal, SystemService } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import type { LiveHub } from "../live/hub.ts";
import type { Streams } from "../streams/streams.ts";
import { createClientErrorReports } from "./client-errors.ts";
import type { SystemSettingsStore } from "./system-settings.ts";

interface SystemOptions {
	db: Kysely<Schema>;
	streams: Pick<Streams, "write">;
	bootId: string;
	settings: SystemSettingsStore;
	hub: Pick<LiveHub, "status" | "clients">;
	/** Prometheus text. */
	metricsText: () => Promise<string>;
	/** Why builds cannot be isolated here; null when they can. */
	sandboxProblem: string | null;
	isolation: "bubblewrap" | "none";
	workerRuns: boolean;
	port: number;
	reportError: (error: unknown, context: Record<string, string>) => string;
	/** Seconds that somebody has to wait before the next report of an error in a page. */
	takeReportTurn: (key: string) => number;
	examples: ReturnType<SystemService["examples"]>;
}

const { version } = createRequire(import.meta.url)("../../package.json") as { version: string };
const readyTimeoutMs = 2000;

/** What the platform says about itself. */
export function createSystemService(options: SystemOptions): SystemService {
	const { db, hub } = options;

	async function databaseAnswers(): Promise<boolean> {
		const answered = sql`select 1`.execute(db).then(
			() => true,
			() => false,
		);
		const timeout = new Promise<false>((resolve) => setTimeout(resolve, readyTimeoutMs, false).unref());
		return Promise.race([answered, timeout]);
	}

	return {
		health: () => ({ status: "ok", version, boot: options.bootId, uptimeS: Math.floor(process.uptime()) }),
		async ready() {
			const database = await databaseAnswers();
			const draining = hub.status().status === "draining";
			const checks = {
				database: { ok: database, text: database ? "The database answers." : "The database does not answer." },
				worker: { ok: true, text: options.workerRuns ? "The worker takes deployments." : "This node has no worker." },
				server: { ok: !draining, text: draining ? "The server is stopping." : "The server takes requests." },
				sandbox: {
					ok: options.sandboxProblem === null,
					text:
						(options.sandboxProblem && `Projects cannot be built on this machine: ${options.sandboxProblem}.`) ??
						(options.isolation === "none" ? "Builds run without isolation, as an administrator allowed." : "Builds are isolated."),
				},
			};
			return { ready: database && !draining, checks };
		},
		async metrics(principal) {
			requireAdmin(principal);
			return options.metricsText();
		},
		liveStatus: () => hub.status(),
		liveClients(principal) {
			const clients = hub.clients();
			return principal.user.role === "admin" ? clients : clients.filter(({ userId }) => userId === principal.user.id);
		},
		async triggerUpdate(principal) {
			requireAdmin(principal);
			const content = `${principal.user.name} asked for this message, to see that it arrives.`;
			// Pages show what is a warning, wherever the person is; the rest they take in silently.
			const [event] = await options.streams.write((writer) =>
				writer.append(streamOf.user(principal.user.id), [{ type: "system", content, metadata: { message_type: "warning" } }]),
			);
			if (!event) throw new AppError("internal");
			return event;
		},
		settings: () => options.settings.read(),
		async setSettings(principal, settings) {
			requireAdmin(principal);
			// Whoever may not approve may not let others do it either.
			if (!principal.mayApprove) throw new AppError("forbidden");
			return options.settings.change(principal.user.id, settings);
		},
		reportError: options.reportError,
		reportClientError: createClientErrorReports({ takeTurn: options.takeReportTurn, reportError: options.reportError }),
		port: () => options.port,
		examples: () => options.examples,
	};
}

function requireAdmin({ user }: Principal): void {
	if (user.role !== "admin") throw new AppError("forbidden");
}
