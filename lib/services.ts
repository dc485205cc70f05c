import type { Event as AguiEvent, RunAgentInput } from "@ag-ui/core";
import type { SharedDeployment } from "./deployment/shared.ts";
import type { ApprovalState, DeploymentView } from "./deployment/state.ts";
import type {
	Activity,
	AnalyticsQuery,
	AnalyticsView,
	AnswerApproval,
	ArtifactHistory,
	ArtifactView,
	ComparisonView,
	CreateDeployment,
	CreateProject,
	CreateShare,
	CreateUser,
	DeployKeyView,
	DeploymentRow,
	EnvView,
	EventsQuery,
	Example,
	Fix,
	ListDeployments,
	LogLinesQuery,
	LogPage,
	ModelSettings,
	ModelsView,
	ModelTest,
	ModelUsage,
	Plan,
	ProjectSettings,
	ProjectView,
	Push,
	PushedView,
	PushRemote,
	ReadResult,
	ReleaseChanges,
	ReleaseView,
	RuntimeLog,
	RuntimeLogQuery,
	SetEnv,
	SetModelProvider,
	ShareView,
	Stage,
	StoryPage,
	StoryQuery,
	StreamEvent,
	SystemSettings,
	Timeline,
	TimelineQuery,
	TimingView,
	TokenView,
	TransportReason,
	UploadView,
	UserView,
	WaitingApproval,
} from "./protocol/index.ts";

/**
 * The port through which `app/` reaches the server. Next bundles its own copy of every module, so the one thing both sides
 * share is an object on `globalThis`, which `server/boot.ts` provides. Every call takes the principal and answers
 * `not_found` for what that principal may not see.
 */
export interface Services {
	accounts: AccountService;
	attention: AttentionService;
	deployments: DeploymentService;
	projects: ProjectService;
	shares: ShareService;
	pushes: PushService;
	sources: SourceService;
	models: ModelService;
	system: SystemService;
	agui: AguiService;
	mcp: McpService;
}

/** Who makes a request. */
export interface Principal {
	user: UserView;
	/** How the request proved it: a session cookie or an API token. */
	via: "session" | "token";
	/** ISO time at which the proof runs out, null for never. */
	expiresAt: string | null;
	/** Whether this may answer approvals: people in a browser may, tokens where their person says so. */
	mayApprove: boolean;
}

export interface AttentionService {
	/** What happened that this person has not looked at, oldest first; the newest ten. */
	unseen(principal: Principal): Promise<StreamEvent[]>;
}

export interface AccountService {
	/**
	 * Answers who sends these headers, or null. Refuses a foreign `Origin` on any call that changes something
	 * (`foreign_origin`) when the proof is a cookie.
	 */
	authenticate(request: { method: string; headers: Headers }): Promise<Principal | null>;
	/** True until the first account exists. */
	needsSetup(): Promise<boolean>;
	/** Creates the admin; the answer carries `set-cookie` headers. Throws `setup_expired`. */
	setup(input: { secret: string; name: string; email: string; password: string }): Promise<SignedIn>;
	/** Throws `invalid_credentials`, `rate_limited`. `address` is the client's, for the rate limit. */
	login(input: { email: string; password: string; address: string }): Promise<SignedIn>;
	/** Ends the session of these headers; answers the `set-cookie` headers that clear it. */
	logout(headers: Headers): Promise<string[]>;
	listTokens(principal: Principal): Promise<TokenView[]>;
	/** The plain token is in this answer and nowhere else. */
	createToken(
		principal: Principal,
		input: { name: string; expiresInDays: number | null; mayApprove?: boolean },
	): Promise<{ token: string; view: TokenView }>;
	revokeToken(principal: Principal, id: string): Promise<void>;
	/** Administrators only. Throws `name_taken` for an email that has an account. */
	createUser(principal: Principal, input: CreateUser): Promise<UserView>;
	/** Administrators only; oldest first. */
	listUsers(principal: Principal): Promise<UserView[]>;
}

export interface SignedIn {
	user: UserView;
	setCookies: string[];
}

export interface DeploymentService {
	/**
	 * Records the deployment and its first event in one transaction and answers before any work starts. With an idempotency
	 * key the same request answers the same deployment; another request under that key throws `idempotency_conflict`.
	 */
	create(
		principal: Principal,
		input: CreateDeployment,
		options: { idempotencyKey: string | null; correlationId: string },
	): Promise<{ deployment: DeploymentView; events: StreamEvent[] }>;
	list(principal: Principal, query: ListDeployments): Promise<{ deployments: DeploymentRow[]; nextCursor: string | null }>;
	/** What the deployments of the last days tell, from what was stored. */
	analytics(principal: Principal, query: AnalyticsQuery): Promise<AnalyticsView>;
	get(principal: Principal, id: string): Promise<DeploymentView>;
	/** `wait` seconds are held while there is nothing new (2 at most while the deployment is active). */
	events(principal: Principal, id: string, query: EventsQuery, signal: AbortSignal): Promise<ReadResult & { activity: Activity | null }>;
	cancel(principal: Principal, id: string): Promise<DeploymentView>;
	pause(principal: Principal, id: string): Promise<DeploymentView>;
	resume(principal: Principal, id: string): Promise<DeploymentView>;
	/** A new deployment that reuses what was recorded before `from`; without `from`, the stage that failed. Keys as of `create`. */
	retry(
		principal: Principal,
		id: string,
		from: Stage | null,
		options: { idempotencyKey: string | null; correlationId: string },
	): Promise<{ deployment: DeploymentView; events: StreamEvent[] }>;
	/**
	 * A new deployment of a product that was made from a brief, with one more thing asked for; "undo" takes the last one back. Throws
	 * `message_not_understood`, `not_finished`, and `conflict` for what was not made from a brief. Keys as of `create`.
	 */
	message(
		principal: Principal,
		id: string,
		text: string,
		options: { idempotencyKey: string | null; correlationId: string },
	): Promise<{ deployment: DeploymentView; events: StreamEvent[] }>;
	/** What waits for this person's answer, the oldest question first; an administrator's holds everybody's. */
	waitingApprovals(principal: Principal): Promise<WaitingApproval[]>;
	/** One question with what it is about; `changes` while a deploy waits. */
	approval(
		principal: Principal,
		id: string,
		approval: string,
	): Promise<{ approval: ApprovalState; plan: Plan | null; changes: ReleaseChanges | null; fix: Fix | null }>;
	/**
	 * The first answer counts. Throws `already_answered` with who was first, `forbidden` for a token that may not, and what a changed
	 * plan cannot do (`config_invalid`).
	 */
	answer(principal: Principal, id: string, approval: string, answer: AnswerApproval): Promise<DeploymentView>;
	/** The log as text, a chunk at a time, so that a long one is never held in memory. */
	log(principal: Principal, id: string, stage: Stage | null): Promise<AsyncIterable<string>>;
	/** A page of its lines, newest first page. */
	logLines(principal: Principal, id: string, query: LogLinesQuery): Promise<LogPage>;
	/** A page of what was recorded besides the log. */
	timeline(principal: Principal, id: string, query: TimelineQuery): Promise<Timeline>;
	/** When stages and phases began and ended, and what earlier deployments of the project took. */
	timing(principal: Principal, id: string): Promise<TimingView>;
	/** The deployment beside another one, or beside the newest of its project before it that succeeded; null where there is none. */
	compare(principal: Principal, id: string, withId: string | null): Promise<ComparisonView | null>;
	artifacts(principal: Principal, id: string): Promise<ArtifactView[]>;
	/** The files of the newest deployments of a project, by name, each with its versions. */
	artifactHistory(principal: Principal, slug: string): Promise<ArtifactHistory[]>;
	/** All of them as one zip. Throws `too_large`. */
	artifactArchive(principal: Principal, id: string): Promise<{ name: string; body: Uint8Array }>;
	artifact(principal: Principal, id: string, name: string): Promise<{ view: ArtifactView; body: Uint8Array }>;
	/** The product that was written from a brief as one zip file. Throws `not_found` where none was written. */
	sourceZip(principal: Principal, id: string): Promise<{ name: string; body: Uint8Array }>;
}

/** Deployments as threads of the AG-UI protocol. */
export interface AguiService {
	/**
	 * Starts the deployment a new thread asks for, or attaches to the one of a known thread, after answering what `resume` names. Throws
	 * before the first event; from then on the last event says how the run ended. `null` stands for a while in which nothing was new.
	 */
	run(
		principal: Principal,
		input: RunAgentInput,
		options: {
			/** Aborts when the client has gone. */
			signal: AbortSignal;
			/** Proves again who asks: a run may outlast a login. */
			reauthenticate(): Promise<Principal | null>;
			correlationId: string;
		},
	): Promise<AsyncIterableIterator<AguiEvent | null>>;
}

/** Quayside as tools of the Model Context Protocol. */
export interface McpService {
	/** Answers one request of a client that has an API token. Throws `unauthenticated`, `foreign_origin`. */
	handle(principal: Principal, request: Request): Promise<Response>;
}

/** Products that were written from briefs, on their way to git servers of people's own. */
export interface PushService {
	/** Where the project of this deployment was pushed to last; null before the first time. */
	remote(principal: Principal, id: string): Promise<PushRemote | null>;
	/**
	 * Makes one commit of the product and pushes it to a new branch, or on top of what was pushed from here before. Throws `not_found` where no
	 * product was written, `push_rejected` where the branch has other commits, `push_refused`, and what a clone fails with.
	 */
	push(principal: Principal, id: string, input: Push, options: { signal: AbortSignal }): Promise<PushedView>;
}

/** Links to finished deployments, and what whoever has one may see. `address` is the client's, for the rate limit. */
export interface ShareService {
	/** The plain token is in this answer and nowhere else. Throws `not_finished`, `conflict`. */
	create(principal: Principal, deploymentId: string, input: CreateShare): Promise<{ token: string; share: ShareView }>;
	/** Those that still open, newest first. */
	list(principal: Principal, deploymentId: string): Promise<ShareView[]>;
	/** One link, or all of the deployment with null. */
	revoke(principal: Principal, deploymentId: string, shareId: string | null): Promise<void>;
	/** Throws `not_found` for a token that is unknown, revoked or has expired, and `rate_limited`; so do the three below. */
	open(token: string, address: string): Promise<SharedDeployment>;
	story(token: string, address: string, query: StoryQuery): Promise<StoryPage>;
	logLines(token: string, address: string, query: LogLinesQuery): Promise<LogPage>;
	/** Id of the deployment that a token leads to, for the log. */
	confirm(token: string, address: string): Promise<string>;
}

export interface ProjectService {
	list(principal: Principal): Promise<ProjectView[]>;
	get(principal: Principal, slug: string): Promise<ProjectView>;
	/**
	 * Nobody sees the project from now on. What belongs to it is cancelled, stopped and removed behind this call; its name is free
	 * again after that.
	 */
	delete(principal: Principal, slug: string): Promise<void>;
	releases(principal: Principal, slug: string): Promise<ReleaseView[]>;
	settings(principal: Principal, slug: string): Promise<ProjectSettings>;
	/** Replaces them all. They count from the next deployment on; memory and sleeping from the next start of the app. */
	setSettings(principal: Principal, slug: string, settings: ProjectSettings): Promise<ProjectSettings>;
	env(principal: Principal, slug: string): Promise<EnvView[]>;
	setEnv(principal: Principal, slug: string, input: SetEnv): Promise<EnvView>;
	deleteEnv(principal: Principal, slug: string, name: string): Promise<void>;
	/** Makes an older release the active one, whole: files, environment, config. */
	rollback(principal: Principal, slug: string, release: string): Promise<ReleaseView>;
	start(principal: Principal, slug: string): Promise<ReleaseView>;
	stop(principal: Principal, slug: string): Promise<ReleaseView>;
	restart(principal: Principal, slug: string): Promise<ReleaseView>;
	/** What the app of a release printed itself, running or not. `signal` ends a wait for something new. */
	runtimeLog(principal: Principal, slug: string, query: RuntimeLogQuery, signal: AbortSignal): Promise<RuntimeLog>;
}

/** Where projects come from: repositories with their keys, and folders that people send. */
export interface SourceService {
	/** A project that nothing of was deployed yet, with a key when its source is reached by ssh. Throws `invalid_url`, `conflict`. */
	createProject(principal: Principal, input: CreateProject): Promise<ProjectView>;
	/** The project's ssh key, null before one was made. */
	deployKey(principal: Principal, slug: string): Promise<DeployKeyView | null>;
	/** A new key; the one before stops working with the next clone. */
	makeDeployKey(principal: Principal, slug: string): Promise<DeployKeyView>;
	/** The next clone takes the host key it is shown, and keeps it. Throws `not_found`. */
	forgetHost(principal: Principal, slug: string, host: string): Promise<void>;
	/** Unpacks a gzipped tar as it arrives. Throws `upload_invalid`, `too_large`, `rate_limited`, `disk_full`. */
	upload(principal: Principal, name: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<UploadView>;
}

/** Language models: administrators only, except `usage`. */
export interface ModelService {
	view(principal: Principal): Promise<ModelsView>;
	/** Adds or replaces a provider; a key that is not given stays. Throws `bad_request`. */
	setProvider(principal: Principal, id: string, input: SetModelProvider): Promise<ModelsView>;
	deleteProvider(principal: Principal, id: string): Promise<void>;
	setSettings(principal: Principal, settings: ModelSettings): Promise<ModelsView>;
	/** Asks the model some small things and keeps what it can do. A model that does not work is an answer, too. */
	test(principal: Principal, ref: string, signal: AbortSignal): Promise<ModelTest>;
	/** What a deployment of one's own has used. Throws `not_found`. */
	usage(principal: Principal, deploymentId: string): Promise<ModelUsage>;
}

export interface SystemService {
	health(): { status: "ok"; version: string; boot: string; uptimeS: number };
	ready(): Promise<{ ready: boolean; checks: Record<string, { ok: boolean; text: string }> }>;
	/** Prometheus text. */
	metrics(principal: Principal): Promise<string>;
	liveStatus(principal: Principal): LiveStatus;
	/** An administrator's answer holds everybody's connections, another's their own. */
	liveClients(principal: Principal): LiveClient[];
	/** Says something on the caller's own stream, to see that it arrives. Administrators only. */
	triggerUpdate(principal: Principal): Promise<StreamEvent>;
	/** What administrators decided for everybody. */
	settings(principal: Principal): Promise<SystemSettings>;
	/** Replaces all of it. Administrators only. */
	setSettings(principal: Principal, settings: SystemSettings): Promise<SystemSettings>;
	/** Records an error with its reference for the log; the answer's reference is shown to people. */
	reportError(error: unknown, context: Record<string, string>): string;
	/**
	 * Records what went wrong in a page and answers its reference. `turn` names who is limited, `who` is for the log. Throws
	 * `rate_limited`.
	 */
	reportClientError(
		report: { message: string; stack?: string; page?: string; digest?: string; part?: string },
		from: { turn: string; who: Record<string, string> },
	): string;
	/** The port this process listens on, which a proxy before it has to know. */
	port(): number;
	/** One-click example repositories: the static one needs no network. */
	examples(): Example[];
}

export interface LiveStatus {
	status: "ok" | "full" | "draining";
	clients: number;
	maxConnections: number;
	byTransport: Record<"ws" | "sse" | "poll", number>;
	subscriptions: number;
	/** Connections that cannot take more for now, and how long the longest of them could not. */
	parked: number;
	lagS: number;
	/** What was handed over and the network has not taken yet. */
	bufferedBytes: number;
	/** Messages of clients that wait to be carried out. */
	pendingMessages: number;
	/** Connections that the server had to end since its start: read too slowly, said too much, said nonsense. */
	dropped: number;
	/** Ended connections since the start, by close code. */
	closed: Record<string, number>;
	uptimeS: number;
	boot: string;
	timestamp: string;
}
export interface LiveClient {
	id: string;
	transport: "ws" | "sse" | "poll";
	userId: string;
	since: string;
	userAgent: string;
	/** Why it did not come over a better transport, as it says itself. */
	via: TransportReason | "other" | null;
	subscriptions: string[];
	bufferedBytes: number;
	/** How long it could not take more; 0 while it keeps up. */
	lagS: number;
}

const key = Symbol.for("quayside.services");
const host = globalThis as { [key]?: Services };

/** Publishes the services of this process; called once, by `server/boot.ts`. */
export function provideServices(services: Services): void {
	host[key] = services;
}

/** The services of this process. Throws when called before boot has finished (during `next build`, for instance). */
export function getServices(): Services {
	const services = host[key];
	if (!services) throw new Error("The server has not started: getServices() was called before boot.");
	return services;
}
