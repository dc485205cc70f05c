import type { ColumnType, Generated } from "kysely";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import type {
	AgentName,
	DeploymentSource,
	DeploymentStatus,
	EnvScope,
	ModelCallStatus,
	ModelCapabilities,
	ModelInput,
	ModelProviderKind,
	Plan,
	ProjectSettings,
	ReleaseStatus,
	ReleaseView,
	Stage,
	StreamEvent,
} from "../../lib/protocol/index.ts";

/** The tables of the database as Kysely sees them. `bigint` columns are read as numbers (they stay far below 2^53). */
export interface Schema {
	meta: { key: string; value: string };
	streams: { name: string; epoch: string; last_seq: Generated<number>; min_seq: Generated<number>; closed: Generated<boolean> };
	events: {
		stream: string;
		seq: number;
		id: string;
		type: string;
		deployment_id: string | null;
		/** Attempt that wrote it and that attempt's own key of the batch, for exactly-once appends. */
		attempt: string | null;
		key: string | null;
		at: Timestamp;
		body: Json<StreamEvent>;
		/** Size of the body as JSON; null in rows of older versions. */
		bytes: Generated<number | null>;
	};
	/** Up to where a person has seen the events of a stream that ask for it. */
	acknowledgements: { user_id: string; stream: string; epoch: string; seq: number };
	projects: {
		id: string;
		owner_id: string;
		slug: string;
		name: string;
		/** Without secrets; what the newest deployment was cloned from. */
		source: Json<DeploymentSource>;
		/** A source that was asked for and that no clone has shown to exist yet, with its encrypted access token. */
		next_source: ColumnType<DeploymentSource | null, string | null | undefined, string | null>;
		next_git_token: Generated<Uint8Array | null>;
		target: string;
		settings: Json<ProjectSettings>;
		/** Encrypted access token of the source. */
		git_token: Uint8Array | null;
		/** Private half of the project's ssh key, encrypted, and its public half as one line. */
		deploy_key: Generated<Uint8Array | null>;
		deploy_key_public: Generated<string | null>;
		deploy_key_at: ColumnType<Date | null, Date | undefined, Date>;
		/** Host keys of git servers, as they were seen first. */
		known_hosts: ColumnType<KnownHost[], string | undefined, string>;
		/** Where its product was pushed to last, with the encrypted access token for it. */
		push_remote: ColumnType<{ url: string; branch: string } | null, string | undefined, string>;
		push_token: Generated<Uint8Array | null>;
		active_release: string | null;
		next_number: Generated<number>;
		created_at: Timestamp;
		deleted_at: Timestamp | null;
	};
	project_env: { project_id: string; name: string; value: Uint8Array; secret: boolean; scope: Generated<EnvScope>; updated_at: Timestamp };
	deployments: {
		id: string;
		project_id: string;
		owner_id: string;
		number: number;
		status: DeploymentStatus;
		/** Highest fence given out; an append of an attempt names its fence and is refused when they differ. */
		fence: Generated<number>;
		state: Json<DeploymentState>;
		/** The last plain sentence, for lists. */
		text: string;
		created_at: Timestamp;
		finished_at: Timestamp | null;
	};
	attempts: {
		id: string;
		deployment_id: string;
		stage: Stage;
		number: number;
		fence: number;
		node_id: string;
		started_at: Timestamp;
		heartbeat_at: Timestamp;
		ended_at: Timestamp | null;
	};
	releases: {
		id: string;
		project_id: string;
		deployment_id: string;
		node_id: string;
		kind: "static" | "process";
		status: ReleaseStatus;
		plan: Json<Plan>;
		commit: string | null;
		/** Encrypted JSON of the environment this release was made with. */
		env: Uint8Array;
		size_bytes: number;
		/** What its files were made from; a deployment with the same key needs no other build. */
		build_key: Generated<string | null>;
		/** Stopped because nobody asked for it. */
		asleep: Generated<boolean>;
		/** How its app ended, null unless it crashed. */
		crash: ColumnType<ReleaseView["crash"], string | null | undefined, string | null>;
		/** Bound on the memory of its app, null for the default. */
		memory_mb: ColumnType<number | null, number | null | undefined, number | null>;
		created_at: Timestamp;
	};
	model_providers: {
		id: string;
		kind: ModelProviderKind;
		base_url: string;
		/** Encrypted. */
		key: Uint8Array | null;
		allow_private: boolean;
		requests_per_minute: number;
		tokens_per_minute: number;
		models: Json<StoredModel[]>;
		/** Turn of the call that was let through last; see `server/models/limiter.ts`. */
		turn: Generated<number>;
		/** The provider asked to be left alone until then. */
		paused_until: Timestamp | null;
		created_at: DefaultedTimestamp;
	};
	/** One row for each request to a provider, written before it is made; while one waits for its slot, its place in the queue. */
	model_calls: {
		id: string;
		/** null for a test from the settings. */
		deployment_id: string | null;
		owner_id: string | null;
		project_id: string | null;
		agent: AgentName | null;
		purpose: string;
		provider: string;
		model: string;
		attempt: number;
		status: ModelCallStatus;
		turn: number;
		/** Estimates until `measured`. */
		input_tokens: number;
		output_tokens: number;
		measured: Generated<boolean>;
		/** null where the price is not known. */
		cost_usd: number | null;
		error: string | null;
		node: string;
		created_at: DefaultedTimestamp;
		/** Refreshed while it waits. */
		seen_at: DefaultedTimestamp;
		granted_at: Timestamp | null;
		first_at: Timestamp | null;
		finished_at: Timestamp | null;
	};
	model_answers: { key: string; project_id: string; body: Json<unknown[]>; created_at: DefaultedTimestamp };
	/** Folders that people sent; their files lie under the home by id. */
	uploads: { id: string; owner_id: string; name: string; bytes: number; created_at: Timestamp };
	artifacts: {
		deployment_id: string;
		name: string;
		media_type: string;
		size: number;
		sha256: string;
		body: Uint8Array;
		created_at: Timestamp;
	};
	/** Links to a finished deployment for people without a login. */
	shares: {
		id: string;
		deployment_id: string;
		created_by: string;
		token_hash: string;
		created_at: Timestamp;
		expires_at: Timestamp;
		last_opened_at: Timestamp | null;
	};
	idempotency: { owner_id: string; key: string; request_hash: string; deployment_id: string; created_at: Timestamp };
	agui_threads: { owner_id: string; thread_id: string; deployment_id: string };
	/** What administrators decided for the whole platform. */
	system_settings: { name: string; value: ColumnType<unknown, string, string>; set_by: string; set_at: Timestamp };
	nodes: { id: string; name: string; boot: string; lease_until: Timestamp };
	users: {
		id: string;
		/** Lower case. */
		email: string;
		name: string;
		role: "admin" | "member";
		/** null for the owner that an environment token stands for until somebody has set Quayside up. */
		password_hash: string | null;
		created_at: Timestamp;
	};
	sessions: { token_hash: string; user_id: string; created_at: Timestamp; expires_at: Timestamp };
	api_tokens: {
		id: string;
		user_id: string;
		name: string;
		token_hash: string;
		/** Whether it may answer approvals for its person. */
		may_approve: Generated<boolean>;
		created_at: Timestamp;
		last_used_at: Timestamp | null;
		expires_at: Timestamp | null;
	};
}

export interface StoredModel extends ModelInput {
	/** What a test found out; absent before one. */
	capabilities?: ModelCapabilities;
}

export interface KnownHost {
	/** Host, or `[host]:port`, as ssh writes it. */
	host: string;
	/** Kind and key, as in a line of known_hosts. */
	key: string;
	fingerprint: string;
	pinnedAt: string;
}

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type DefaultedTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type Json<T> = ColumnType<T, string, string>;
