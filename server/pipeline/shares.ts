import { type Kysely, sql } from "kysely";
import { ulid } from "ulid";
import { type Hide, hiderOf, sharedEvent, sharedState, storyTypes } from "../../lib/deployment/shared.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { isTerminal, type LogMark, maxLogPageBytes, type ShareView, type StreamEvent, streamOf } from "../../lib/protocol/index.ts";
import type { ShareService } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import { readLogPage } from "./history.ts";
import { seenDeployment } from "./seen.ts";

interface ShareOptions {
	db: Kysely<Schema>;
	/** A new token of 256 random bits with this prefix, and what is stored in its place. */
	randomToken: (prefix: string) => string;
	hashToken: (token: string) => string;
	/** Seconds that this address has to wait before it may ask again; 0 when it may now, and then it counts. */
	takeTurn: (address: string) => number;
	now?: () => Date;
}

const prefix = "qsh_";
const maxPerDeployment = 20;
const dayMs = 24 * 60 * 60 * 1000;
/** Points in the log whose time is told. */
const logMarks = 500;
/** "Last opened" is this exact; finer would write to the database for every page of the log. */
const openedStepMs = 60_000;

/** Links to finished deployments. The database knows only the hashes of their tokens. */
export function createShareService({ db, randomToken, hashToken, takeTurn, now = () => new Date() }: ShareOptions): ShareService {
	/** The deployment a token leads to, as strangers may see it. Throws `rate_limited`, and `not_found` for whatever leads nowhere. */
	async function open(token: string, address: string): Promise<{ share: ShareView; state: DeploymentState; hide: Hide }> {
		const waitS = takeTurn(address);
		if (waitS > 0) throw new AppError("rate_limited", { data: { retryAfterS: Math.ceil(waitS) } });
		const row = await db
			.selectFrom("shares")
			.innerJoin("deployments", "deployments.id", "shares.deployment_id")
			.innerJoin("projects", "projects.id", "deployments.project_id")
			.select(["shares.id", "shares.created_at", "shares.expires_at", "shares.last_opened_at", "deployments.state"])
			.where("shares.token_hash", "=", hashToken(token))
			.where("shares.expires_at", ">", now())
			.where("projects.deleted_at", "is", null)
			.executeTakeFirst();
		if (!row) throw new AppError("not_found");
		return { share: viewOf(row), state: row.state, hide: hiderOf(row.state, await modelsOf(db, row.state.id)) };
	}

	async function noteOpened({ id, lastOpenedAt }: ShareView): Promise<void> {
		if (lastOpenedAt !== null && now().getTime() - Date.parse(lastOpenedAt) < openedStepMs) return;
		await db.updateTable("shares").set({ last_opened_at: now() }).where("id", "=", id).execute();
	}

	const alive = (deploymentId: string) => db.selectFrom("shares").where("deployment_id", "=", deploymentId).where("expires_at", ">", now());

	return {
		async create(principal, deploymentId, { expiresInDays }) {
			const state = await seenDeployment(db, principal, deploymentId);
			if (!isTerminal(state.status)) throw new AppError("not_finished", { action: "Share it when it has ended." });
			await db.deleteFrom("shares").where("deployment_id", "=", deploymentId).where("expires_at", "<=", now()).execute();
			const { length } = await alive(deploymentId).select("id").limit(maxPerDeployment).execute();
			if (length >= maxPerDeployment) {
				throw new AppError("conflict", {
					message: `This deployment has ${maxPerDeployment} links, which is the limit.`,
					action: "Revoke those that nobody needs any more.",
				});
			}
			const token = randomToken(prefix);
			const at = now();
			const row = await db
				.insertInto("shares")
				.values({
					id: ulid(),
					deployment_id: deploymentId,
					created_by: principal.user.id,
					token_hash: hashToken(token),
					created_at: at,
					expires_at: new Date(at.getTime() + expiresInDays * dayMs),
					last_opened_at: null,
				})
				.returning(["id", "created_at", "expires_at", "last_opened_at"])
				.executeTakeFirstOrThrow();
			return { token, share: viewOf(row) };
		},
		async list(principal, deploymentId) {
			await seenDeployment(db, principal, deploymentId);
			const rows = await alive(deploymentId)
				.select(["id", "created_at", "expires_at", "last_opened_at"])
				.orderBy("id", "desc")
				.limit(maxPerDeployment)
				.execute();
			return rows.map(viewOf);
		},
		async revoke(principal, deploymentId, shareId) {
			await seenDeployment(db, principal, deploymentId);
			let remove = db.deleteFrom("shares").where("deployment_id", "=", deploymentId);
			if (shareId !== null) remove = remove.where("id", "=", shareId);
			const removed = await remove.returning("id").execute();
			if (shareId !== null && removed.length === 0) throw new AppError("not_found");
		},
		async open(token, address) {
			const { share, state, hide } = await open(token, address);
			await noteOpened(share);
			return { state: sharedState(state, hide), marks: await readMarks(db, state.id), expiresAt: share.expiresAt };
		},
		async story(token, address, { after, limit }) {
			const { state, hide } = await open(token, address);
			const { events, more } = await readStory(db, state.id, after, limit);
			return { events: events.flatMap((event) => sharedEvent(event, hide) ?? []), next: more ? (events.at(-1)?.seq ?? null) : null };
		},
		async logLines(token, address, query) {
			const { state, hide } = await open(token, address);
			const page = await readLogPage(db, state.id, query);
			return { ...page, lines: page.lines.map((line) => ({ ...line, text: hide(line.text) })) };
		},
		async confirm(token, address) {
			const { state } = await open(token, address);
			return state.id;
		},
	};
}

/** The models that were asked for a deployment, as its sentences name them. */
async function modelsOf(db: Kysely<Schema>, deploymentId: string): Promise<string[]> {
	const calls = db.selectFrom("model_calls").select(["provider", "model"]).distinct().where("deployment_id", "=", deploymentId);
	return (await calls.execute()).map(({ provider, model }) => `${provider}/${model}`);
}

interface ShareRow {
	id: string;
	created_at: Date;
	expires_at: Date;
	last_opened_at: Date | null;
}

function viewOf({ id, created_at, expires_at, last_opened_at }: ShareRow): ShareView {
	return {
		id,
		createdAt: created_at.toISOString(),
		expiresAt: expires_at.toISOString(),
		lastOpenedAt: last_opened_at?.toISOString() ?? null,
	};
}

/** Events after a seq, oldest first, about 1 MB of them but at least one; nothing of the log. */
async function readStory(
	db: Kysely<Schema>,
	deploymentId: string,
	after: number,
	limit: number,
): Promise<{ events: StreamEvent[]; more: boolean }> {
	const { rows } = await sql<{ body: StreamEvent; fits: boolean }>`
		with page as (
			select seq, body, coalesce(bytes, octet_length(body::text)) as bytes from events
			where stream = ${streamOf.deployment(deploymentId)} and seq > ${after} and type <> 'log'
				and type in (${sql.join(storyTypes)})
			order by seq limit ${limit + 1}
		), sized as (select seq, body, bytes, sum(bytes) over (order by seq) as total, row_number() over (order by seq) as place from page)
		select body, (place <= ${limit} and (place = 1 or total <= ${maxLogPageBytes})) as fits from sized order by seq`.execute(db);
	return { events: rows.flatMap(({ body, fits }) => (fits ? [body] : [])), more: rows.some(({ fits }) => !fits) };
}

/** When lines of the log were stored, evenly spread over it: each is one look into an index, however long the log is. */
async function readMarks(db: Kysely<Schema>, deploymentId: string): Promise<LogMark[]> {
	const stream = streamOf.deployment(deploymentId);
	const last = sql`((body#>>'{metadata,last}')::bigint)`;
	const { rows } = await sql<{ line: number; at: Date }>`
		with newest as (select ${last} as line from events where stream = ${stream} and type = 'log' order by ${last} desc limit 1),
			wanted as (
				select generate_series(1, newest.line, greatest(1, newest.line / ${logMarks})) as n from newest
				union select line from newest
			)
		select distinct mark.line, mark.at from wanted cross join lateral (
			select ${last} as line, at from events where stream = ${stream} and type = 'log' and ${last} >= wanted.n order by ${last} limit 1
		) as mark order by mark.line`.execute(db);
	return rows.map(({ line, at }) => ({ line, at: at.toISOString() }));
}
