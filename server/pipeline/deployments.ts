import type { Kysely } from "kysely";
import { ulid } from "ulid";
import type { Reuse } from "../../lib/deployment/decide.ts";
import { fixArtifact } from "../../lib/deployment/fixes.ts";
import { appliedFixes, retryStage, reusableStages } from "../../lib/deployment/selectors.ts";
import { type DeploymentState, type DeploymentView, emptyState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import {
	isTerminal,
	type Metadata,
	type ReleaseChanges,
	type Stage,
	type StreamEvent,
	stages,
	streamOf,
	strictest,
} from "../../lib/protocol/index.ts";
import type { DeploymentService, Principal } from "../../lib/services.ts";
import type { Author } from "../agents/brief/author.ts";
import type { Schema } from "../db/schema.ts";
import { getSeenProject } from "../projects/project-row.ts";
import type { ProjectStarts, StartingProject } from "../projects/project-starts.ts";
import type { WouldRelease } from "../projects/release-changes.ts";
import type { Encryption } from "../secrets/encryption.ts";
import type { Streams, StreamWriter } from "../streams/streams.ts";
import { readAnalytics } from "./analytics.ts";
import { createApprovals } from "./approvals.ts";
import { zipArtifacts } from "./archive.ts";
import { readArtifactHistory } from "./artifact-history.ts";
import { deploymentBefore, readComparison } from "./comparison.ts";
import { acceptedBrief, followUp } from "./follow-up.ts";
import { readLogPage, readTimeline } from "./history.ts";
import type { Ledger } from "./ledger.ts";
import { listDeployments } from "./list.ts";
import { readLogText } from "./log-text.ts";
import { zipProduct } from "./product.ts";
import type { Replan } from "./replan.ts";
import { seenDeployment } from "./seen.ts";
import { type OnceRequest, startedBefore, startOnce } from "./start-once.ts";
import { readTiming } from "./timing.ts";

interface ServiceOptions {
	db: Kysely<Schema>;
	streams: Streams;
	ledger: Ledger;
	projects: ProjectStarts;
	/** Checks an address before anything is recorded; throws `invalid_url`, `private_address`. */
	checkSource: (url: string) => void;
	/** Opens what releases were made with; only names of variables are told. */
	encryption: Pick<Encryption, "open">;
	/** Says before anything is recorded whether a brief or a follow-up is understood. */
	author: Pick<Author, "accepts">;
	/** Ends the attempt that runs on this node, so that a cancel does not wait for the next heartbeat. */
	cancelRunning: (deploymentId: string) => void;
	replan: Replan;
	releaseChanges: (next: WouldRelease) => Promise<ReleaseChanges>;
}

/** Longest a request is held while the watched deployment is active, in seconds. */
const activeWaitS = 2;
/** Deployments of one person that may wait or run at a time. */
const maxOpenPerOwner = 100;

/** The commands and questions of the HTTP contract about deployments. */
export function createDeploymentService(options: ServiceOptions): DeploymentService {
	const { db, streams, ledger, projects, encryption, author, checkSource, cancelRunning, replan, releaseChanges } = options;
	const seen = (principal: Principal, id: string): Promise<DeploymentState> => seenDeployment(db, principal, id);

	async function view(state: DeploymentState): Promise<DeploymentView> {
		const { epoch } = await db
			.selectFrom("streams")
			.select("epoch")
			.where("name", "=", streamOf.deployment(state.id))
			.executeTakeFirstOrThrow();
		return { ...state, epoch, activity: streams.activity.get(state.id) };
	}

	async function command(principal: Principal, id: string, type: "cancel" | "pause" | "resume"): Promise<DeploymentView> {
		await seen(principal, id);
		const { state } = await ledger.apply(id, { type, by: principal.user.id });
		if (type === "cancel") cancelRunning(id);
		return view(state);
	}

	/** Judges a request and makes its deployment; a repeated one is not judged again. */
	async function once(
		{ principal, ...one }: Omit<OnceRequest, "ownerId"> & { principal: Principal },
		judge: () => Promise<Parameters<typeof startOnce>[2]>,
	): ReturnType<typeof startOnce> {
		const request = { ...one, ownerId: principal.user.id };
		const before = await startedBefore(db, request);
		if (before) return before;
		const make = await judge();
		return streams.write((writer) => startOnce(writer, request, make));
	}

	async function begin(
		writer: StreamWriter,
		id: string,
		ownerId: string,
		starting: StartingProject,
		extra: Pick<Metadata<"deployment_started">, "retry_of" | "from" | "correlation_id">,
		reuse: Reuse | null,
	): Promise<{ state: DeploymentState; events: StreamEvent[] }> {
		await refuseTooMany(writer, ownerId);
		const metadata: Metadata<"deployment_started"> = { ...starting, owner_id: ownerId, ...extra };
		await writer.trx
			.insertInto("deployments")
			.values({
				id,
				project_id: starting.project.id,
				owner_id: ownerId,
				number: starting.number,
				status: "queued",
				state: JSON.stringify(emptyState(id)),
				text: "",
				created_at: new Date(),
				finished_at: null,
			})
			.execute();
		return ledger.applyWithin(writer, id, { type: "start", metadata, reuse });
	}

	return {
		async create(principal, asked, { idempotencyKey, correlationId }) {
			const id = ulid();
			const { state, events } = await once({ principal, key: idempotencyKey, request: asked, id }, async () => {
				const { source } = asked;
				if (source.type === "git") checkSource(source.url);
				const input = source.type === "brief" ? { ...asked, source: { ...source, text: await acceptedBrief(source.text, author) } } : asked;
				return async (writer) => {
					const starting = await projects.forSource(writer, principal.user.id, input);
					const approvals = strictest(starting.approvals, input.approvals ?? "none");
					const extra = { retry_of: null, from: null, correlation_id: correlationId };
					return begin(writer, id, principal.user.id, { ...starting, approvals }, extra, null);
				};
			});
			return { deployment: await view(state), events };
		},

		list: (principal, query) => listDeployments(db, principal, query),
		analytics: (principal, query) => readAnalytics(db, principal, query),
		get: async (principal, id) => view(await seen(principal, id)),

		async events(principal, id, { after, since, epoch, limit, wait }, signal) {
			const state = await seen(principal, id);
			const stream = streamOf.deployment(id);
			const from = after ?? (since ? await seqBefore(db, stream, since) : 0);
			const cursor = { stream, epoch: epoch ?? null, after: from };
			const held = isTerminal(state.status)
				? 0
				: Math.min(wait, state.status === "running" || state.status === "queued" ? activeWaitS : wait);
			let result = await streams.read(cursor, limit);
			if (held > 0 && result.events.length === 0 && !result.reset && !result.closed) {
				await grown(streams, stream, AbortSignal.any([signal, AbortSignal.timeout(held * 1000)]));
				result = await streams.read(cursor, limit);
			}
			return { ...result, activity: streams.activity.get(id) };
		},

		cancel: (principal, id) => command(principal, id, "cancel"),
		pause: (principal, id) => command(principal, id, "pause"),
		resume: (principal, id) => command(principal, id, "resume"),

		async retry(principal, id, from, { idempotencyKey, correlationId }) {
			const old = await seen(principal, id);
			const newId = ulid();
			const request = { retry: old.id, from };
			const { state, events } = await once({ principal, key: idempotencyKey, request, id: newId }, async () => {
				if (!isTerminal(old.status)) throw new AppError("not_finished");
				const stage = from ?? retryStage(old);
				const reused = reusableStages(old, stage);
				if (stage !== "clone" && reused.length === 0) throw new AppError("result_missing");
				return async (writer) => {
					const starting = await projects.next(writer, old.project.id);
					const approvals = strictest(starting.approvals, old.approvalPolicy);
					const extra = { retry_of: old.id, from: stage, correlation_id: correlationId };
					const source = old.source ?? starting.source;
					const begun = await begin(writer, newId, old.ownerId, { ...starting, approvals, source }, extra, reuseOf(old, stage));
					await copyArtifacts(writer, old, begun.state);
					return begun;
				};
			});
			return { deployment: await view(state), events };
		},

		async message(principal, id, text, { idempotencyKey, correlationId }) {
			const old = await seen(principal, id);
			const newId = ulid();
			const request = { message: text, to: old.id };
			const { state, events } = await once({ principal, key: idempotencyKey, request, id: newId }, async () => {
				const source = await followUp(old, text, author);
				return async (writer) => {
					const next = await projects.next(writer, old.project.id);
					const starting = { ...next, source, approvals: strictest(next.approvals, old.approvalPolicy) };
					return begin(writer, newId, old.ownerId, starting, { retry_of: null, from: null, correlation_id: correlationId }, null);
				};
			});
			return { deployment: await view(state), events };
		},

		...createApprovals({ db, ledger, seen, view, replan, releaseChanges }),

		async log(principal, id, stage) {
			await seen(principal, id);
			return readLogText(streams, id, stage);
		},

		async logLines(principal, id, query) {
			await seen(principal, id);
			return readLogPage(db, id, query);
		},

		async timeline(principal, id, query) {
			await seen(principal, id);
			return readTimeline(db, id, query);
		},

		timing: async (principal, id) => readTiming(db, await seen(principal, id)),
		async compare(principal, id, withId) {
			const one = await seen(principal, id);
			const otherId = withId ?? (await deploymentBefore(db, one));
			return otherId === null ? null : readComparison(db, encryption, one, await seen(principal, otherId));
		},

		async artifacts(principal, id) {
			await seen(principal, id);
			const rows = await db
				.selectFrom("artifacts")
				.select(["name", "media_type", "size", "sha256", "created_at"])
				.where("deployment_id", "=", id)
				.orderBy("name")
				.execute();
			return rows.map((row) => ({
				name: row.name,
				mediaType: row.media_type,
				size: row.size,
				sha256: row.sha256,
				createdAt: row.created_at.toISOString(),
			}));
		},

		artifactHistory: async (principal, slug) => readArtifactHistory(db, (await getSeenProject(db, principal, slug)).id),

		async artifactArchive(principal, id) {
			const { project, number } = await seen(principal, id);
			const read = async () => {
				const rows = await db.selectFrom("artifacts").selectAll().where("deployment_id", "=", id).orderBy("name").execute();
				if (rows.length === 0) throw new AppError("not_found");
				return rows.map(({ name, body, created_at }) => ({ name, body, at: created_at }));
			};
			return { name: `${project.slug}-${number}.zip`, body: await zipArtifacts(db, { deploymentId: id, read }) };
		},

		async artifact(principal, id, name) {
			await seen(principal, id);
			const row = await db.selectFrom("artifacts").selectAll().where("deployment_id", "=", id).where("name", "=", name).executeTakeFirst();
			if (!row) throw new AppError("not_found");
			return {
				view: { name: row.name, mediaType: row.media_type, size: row.size, sha256: row.sha256, createdAt: row.created_at.toISOString() },
				body: row.body,
			};
		},

		sourceZip: async (principal, id) => zipProduct(db, await seen(principal, id)),
	};
}

/** Nobody fills the queue for everybody else. */
async function refuseTooMany({ trx }: StreamWriter, ownerId: string): Promise<void> {
	const open = trx.selectFrom("deployments").select("id").where("owner_id", "=", ownerId).where("finished_at", "is", null);
	const rows = await open.limit(maxOpenPerOwner).execute();
	if (rows.length < maxOpenPerOwner) return;
	throw new AppError("rate_limited", {
		message: `You have ${maxOpenPerOwner} deployments that have not ended yet.`,
		action: "Wait until some have ended, or cancel them.",
	});
}

function reuseOf(old: DeploymentState, from: Stage): Reuse {
	const kept = reusableStages(old, from);
	const has = (stage: Stage): boolean => stages.indexOf(stage) < stages.indexOf(from);
	const plan =
		old.plan && has("plan") && old.tasks.length > 0
			? { plan: old.plan, tasks: old.tasks.map(({ status, durationMs, ...task }) => task), alternatives: old.alternatives }
			: null;
	// What comes before the plan decides anew which repairs of earlier deployments still fit.
	const fixes = has("analyze")
		? appliedFixes(old).map(({ status: _, ...fix }) => ({ ...fix, kept_from: fix.kept_from ?? old.number }))
		: [];
	const artifacts = old.artifacts.filter(({ name }) => has("write") || fixes.some(({ number }) => name === fixArtifact(number)));
	return { stages: kept, plan, artifacts, fixes };
}

async function copyArtifacts({ trx }: StreamWriter, from: DeploymentState, to: DeploymentState): Promise<void> {
	const names = to.artifacts.map(({ name }) => name);
	if (names.length === 0) return;
	await trx
		.insertInto("artifacts")
		.columns(["deployment_id", "name", "media_type", "size", "sha256", "body", "created_at"])
		.expression((source) =>
			source
				.selectFrom("artifacts")
				.select(({ val }) => [val(to.id).as("deployment_id"), "name", "media_type", "size", "sha256", "body", "created_at"])
				.where("deployment_id", "=", from.id)
				.where("name", "in", names),
		)
		.execute();
}

async function seqBefore(db: Kysely<Schema>, stream: string, since: string): Promise<number> {
	const row = await db
		.selectFrom("events")
		.select(({ fn }) => fn.max("seq").as("seq"))
		.where("stream", "=", stream)
		.where("at", "<=", new Date(since))
		.executeTakeFirst();
	return row?.seq ?? 0;
}

/** Resolves when the stream grows or the signal aborts. */
function grown(streams: Streams, stream: string, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const done = (): void => {
			stop();
			resolve();
		};
		const stop = streams.onGrowth((name) => {
			if (name === stream) done();
		});
		if (signal.aborted) done();
		else signal.addEventListener("abort", done, { once: true });
	});
}
