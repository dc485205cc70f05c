import type { ApprovalState, DeploymentView } from "../deployment/state.ts";
import {
	type Activity,
	type AnalyticsQuery,
	type AnalyticsView,
	type AnswerApproval,
	type ArtifactHistory,
	type ArtifactView,
	type ComparisonView,
	type CreateDeployment,
	type CreateProject,
	type CreateShare,
	type CreateUser,
	type DeployKeyView,
	type DeploymentMetrics,
	type DeploymentRow,
	type EnvView,
	type EventsQuery,
	type Fix,
	idempotencyKeyHeader,
	type ListDeployments,
	type LogLinesQuery,
	type LogPage,
	type ModelSettingsInput,
	type ModelsView,
	type ModelTest,
	type ModelUsage,
	type Plan,
	type ProjectSettings,
	type ProjectView,
	type Push,
	type PushedView,
	type PushRemote,
	type ReadResult,
	type ReleaseChanges,
	type ReleaseView,
	type RuntimeLog,
	type RuntimeLogQuery,
	type SetEnvInput,
	type SetModelProviderInput,
	type ShareView,
	type Stage,
	type StoryPage,
	type StoryQuery,
	type StreamEvent,
	type SystemSettings,
	type Timeline,
	type TimelineQuery,
	type TimingView,
	type TokenView,
	type UploadView,
	type UserView,
	type WaitingApproval,
} from "../protocol/index.ts";
import { type ClientOptions, createRequest, type RequestOptions } from "./request.ts";

export type Client = ReturnType<typeof createClient>;
export interface Started {
	deployment: DeploymentView;
	/** The first event, recorded before any work starts. */
	events: StreamEvent[];
}
/** The same call under the same key is carried out once, so one that got no answer may be sent again. */
export interface Key {
	idempotencyKey?: string;
}
export type EventPage = ReadResult & { activity: Activity | null };

/** Typed calls of the HTTP contract, for pages and the command line. Every call throws `ClientError`. */
export function createClient(options: ClientOptions) {
	const request = createRequest(options);
	const call = async <T>(method: string, path: string, more?: RequestOptions): Promise<T> => {
		const response = await request(method, path, more);
		return (response.status === 204 ? undefined : await response.json()) as T;
	};
	const get = <T>(path: string, query?: RequestOptions["query"]): Promise<T> => call<T>("GET", path, { query });
	const post = <T>(path: string, body?: unknown): Promise<T> => call<T>("POST", path, { body });
	const underKey = ({ idempotencyKey }: Key): Pick<RequestOptions, "headers"> =>
		idempotencyKey === undefined ? {} : { headers: { [idempotencyKeyHeader]: idempotencyKey } };
	const deployment = (id: string): string => `/api/deployments/${encodeURIComponent(id)}`;
	const project = (slug: string): string => `/api/projects/${encodeURIComponent(slug)}`;

	return {
		deployments: {
			create: (body: CreateDeployment, key: Key = {}) => call<Started>("POST", "/api/deployments", { body, ...underKey(key) }),
			list: (query: Partial<ListDeployments> = {}) =>
				get<{ deployments: DeploymentRow[]; nextCursor: string | null }>("/api/deployments", query),
			analytics: (query: Partial<AnalyticsQuery> = {}) =>
				get<{ analytics: AnalyticsView }>("/api/analytics", query).then((answer) => answer.analytics),
			get: (id: string) => get<{ deployment: DeploymentView }>(deployment(id)).then((answer) => answer.deployment),
			events: (id: string, query: Partial<EventsQuery> = {}, signal?: AbortSignal) =>
				call<EventPage>("GET", `${deployment(id)}/events`, { query, signal, heldMs: (query.wait ?? 0) * 1000 }),
			cancel: (id: string) => post<{ deployment: DeploymentView }>(`${deployment(id)}/cancel`).then((answer) => answer.deployment),
			pause: (id: string) => post<{ deployment: DeploymentView }>(`${deployment(id)}/pause`).then((answer) => answer.deployment),
			resume: (id: string) => post<{ deployment: DeploymentView }>(`${deployment(id)}/resume`).then((answer) => answer.deployment),
			/** What waits for an answer, the oldest question first. */
			approvals: () => get<{ approvals: WaitingApproval[] }>("/api/approvals").then((answer) => answer.approvals),
			approval: (id: string, approval: string) =>
				get<{ approval: ApprovalState; plan: Plan | null; changes: ReleaseChanges | null; fix: Fix | null }>(
					`${deployment(id)}/approvals/${encodeURIComponent(approval)}`,
				),
			answer: (id: string, approval: string, body: AnswerApproval) =>
				post<{ deployment: DeploymentView }>(`${deployment(id)}/approvals/${encodeURIComponent(approval)}`, body).then(
					(answer) => answer.deployment,
				),
			retry: (id: string, from?: Stage) => post<Started>(`${deployment(id)}/retry`, { from }),
			/** Asks for a change of a product that was made from a brief. */
			message: (id: string, text: string, key: Key = {}) =>
				call<Started>("POST", `${deployment(id)}/messages`, { body: { text }, ...underKey(key) }),
			/** Where its product was pushed to last. */
			pushRemote: (id: string) => get<{ remote: PushRemote | null }>(`${deployment(id)}/push`).then((answer) => answer.remote),
			/** May take most of a minute: it waits for the git server. */
			push: (id: string, body: Push) =>
				call<{ push: PushedView }>("POST", `${deployment(id)}/push`, { body, heldMs: pushMs }).then((answer) => answer.push),
			/** The log as a stream of text, so that a long one is never held in memory. */
			log: async (id: string, { stage, signal }: { stage?: Stage; signal?: AbortSignal } = {}): Promise<ReadableStream<Uint8Array>> =>
				bodyOf(await request("GET", `${deployment(id)}/log`, { query: { stage, format: "text" }, signal, heldMs: downloadMs })),
			logLines: (id: string, query: Partial<LogLinesQuery> = {}, signal?: AbortSignal) =>
				call<LogPage>("GET", `${deployment(id)}/log/lines`, { query, signal }),
			timeline: (id: string, query: Partial<TimelineQuery> = {}) => get<Timeline>(`${deployment(id)}/timeline`, query),
			timing: (id: string) => get<{ timing: TimingView }>(`${deployment(id)}/timing`).then((answer) => answer.timing),
			metrics: (id: string) => get<{ metrics: DeploymentMetrics }>(`${deployment(id)}/metrics`).then((answer) => answer.metrics),
			compare: (id: string, withId?: string) =>
				get<{ comparison: ComparisonView | null }>(`${deployment(id)}/compare`, { with: withId }).then((answer) => answer.comparison),
			shares: (id: string) => get<{ shares: ShareView[] }>(`${deployment(id)}/share`).then((answer) => answer.shares),
			/** The plain token is in this answer and nowhere else. */
			share: (id: string, input: CreateShare) => post<{ token: string; share: ShareView }>(`${deployment(id)}/share`, input),
			/** One link, or all of them. */
			revokeShare: (id: string, share?: string) => call<void>("DELETE", `${deployment(id)}/share`, { query: { share } }),
			artifacts: (id: string) => get<{ artifacts: ArtifactView[] }>(`${deployment(id)}/artifacts`).then((answer) => answer.artifacts),
			artifact: async (id: string, name: string): Promise<Uint8Array> =>
				(await request("GET", `${deployment(id)}/artifacts/${encodeURIComponent(name)}`, { heldMs: downloadMs })).bytes(),
		},
		/** What whoever has the token of a link may see. */
		shared: {
			story: (token: string, query: Partial<StoryQuery> = {}, signal?: AbortSignal) =>
				call<StoryPage>("GET", `/api/share/${encodeURIComponent(token)}/story`, { query, signal }),
			logLines: (token: string, query: Partial<LogLinesQuery> = {}, signal?: AbortSignal) =>
				call<LogPage>("GET", `/api/share/${encodeURIComponent(token)}/log/lines`, { query, signal }),
		},
		projects: {
			list: () => get<{ projects: ProjectView[] }>("/api/projects").then((answer) => answer.projects),
			get: (slug: string) => get<{ project: ProjectView }>(project(slug)).then((answer) => answer.project),
			create: (input: CreateProject) => post<{ project: ProjectView }>("/api/projects", input).then((answer) => answer.project),
			deployKey: (slug: string) =>
				get<{ deployKey: DeployKeyView | null }>(`${project(slug)}/deploy-key`).then((answer) => answer.deployKey),
			makeDeployKey: (slug: string) => post<{ deployKey: DeployKeyView }>(`${project(slug)}/deploy-key`).then((answer) => answer.deployKey),
			forgetHost: (slug: string, host: string) => call<void>("DELETE", `${project(slug)}/known-hosts/${encodeURIComponent(host)}`),
			/** Ends and removes everything that belongs to it. */
			delete: (slug: string) => call<object>("DELETE", project(slug)),
			artifacts: (slug: string) => get<{ artifacts: ArtifactHistory[] }>(`${project(slug)}/artifacts`).then((answer) => answer.artifacts),
			releases: (slug: string) => get<{ releases: ReleaseView[] }>(`${project(slug)}/releases`).then((answer) => answer.releases),
			settings: (slug: string) => get<{ settings: ProjectSettings }>(`${project(slug)}/settings`).then((answer) => answer.settings),
			/** Replaces all of them. */
			setSettings: (slug: string, settings: ProjectSettings) =>
				call<{ settings: ProjectSettings }>("PUT", `${project(slug)}/settings`, { body: { settings } }).then((answer) => answer.settings),
			env: (slug: string) => get<{ env: EnvView[] }>(`${project(slug)}/env`).then((answer) => answer.env),
			setEnv: (slug: string, input: SetEnvInput) =>
				post<{ variable: EnvView }>(`${project(slug)}/env`, input).then((answer) => answer.variable),
			deleteEnv: (slug: string, name: string) => call<void>("DELETE", `${project(slug)}/env/${encodeURIComponent(name)}`),
			rollback: (slug: string, release: string) =>
				post<{ release: ReleaseView }>(`${project(slug)}/rollback`, { release }).then((answer) => answer.release),
			start: (slug: string) => post<{ release: ReleaseView }>(`${project(slug)}/start`).then((answer) => answer.release),
			stop: (slug: string) => post<{ release: ReleaseView }>(`${project(slug)}/stop`).then((answer) => answer.release),
			restart: (slug: string) => post<{ release: ReleaseView }>(`${project(slug)}/restart`).then((answer) => answer.release),
			/** `after` and `wait` follow a log: each answer's `cursor` is the next call's `after`. */
			runtimeLog: (slug: string, query: Partial<RuntimeLogQuery> = {}, signal?: AbortSignal) =>
				call<RuntimeLog>("GET", `${project(slug)}/logs`, { query, signal, heldMs: (query.wait ?? 0) * 1000 }),
		},
		uploads: {
			/** A folder as a gzipped tar; the name is what its project is called. */
			create: (body: ReadableStream<Uint8Array> | Blob, { name, signal }: { name: string; signal?: AbortSignal }) =>
				call<{ upload: UploadView }>("POST", "/api/uploads", {
					query: { name },
					stream: body,
					headers: { "content-type": "application/gzip" },
					signal,
					heldMs: downloadMs,
				}).then((answer) => answer.upload),
		},
		/** For administrators, except `usage`. A key that is given is never answered. */
		models: {
			get: () => get<{ models: ModelsView }>("/api/models").then((answer) => answer.models),
			setProvider: (id: string, body: SetModelProviderInput) =>
				call<{ models: ModelsView }>("PUT", `/api/models/providers/${encodeURIComponent(id)}`, { body }).then((answer) => answer.models),
			deleteProvider: (id: string) => call<void>("DELETE", `/api/models/providers/${encodeURIComponent(id)}`),
			setSettings: (body: ModelSettingsInput) =>
				call<{ models: ModelsView }>("PUT", "/api/models/settings", { body }).then((answer) => answer.models),
			/** May take a minute: it asks the model. */
			test: (model: string) =>
				call<{ test: ModelTest }>("POST", "/api/models/test", { body: { model }, heldMs: modelTestMs }).then((answer) => answer.test),
			usage: (deploymentId: string) => get<{ usage: ModelUsage }>(`${deployment(deploymentId)}/models`).then((answer) => answer.usage),
		},
		accounts: {
			me: () => get<{ user: UserView; via: "session" | "token"; expiresAt: string | null }>("/api/auth/me"),
			login: (input: { email: string; password: string }) =>
				post<{ user: UserView }>("/api/auth/login", input).then((answer) => answer.user),
			setup: (input: { secret: string; name: string; email: string; password: string }) =>
				post<{ user: UserView }>("/api/auth/setup", input).then((answer) => answer.user),
			logout: () => post<void>("/api/auth/logout"),
			tokens: () => get<{ tokens: TokenView[] }>("/api/tokens").then((answer) => answer.tokens),
			/** The plain token is in this answer and nowhere else. */
			createToken: (input: { name: string; expiresInDays: number | null; mayApprove?: boolean }) =>
				post<{ token: string; view: TokenView }>("/api/tokens", input),
			revokeToken: (id: string) => call<void>("DELETE", `/api/tokens/${encodeURIComponent(id)}`),
			users: () => get<{ users: UserView[] }>("/api/users").then((answer) => answer.users),
			createUser: (input: CreateUser) => post<{ user: UserView }>("/api/users", input).then((answer) => answer.user),
		},
		system: {
			health: () => get<{ status: "ok"; version: string; boot: string; uptimeS: number }>("/api/health"),
			settings: () => get<{ settings: SystemSettings }>("/api/settings").then((answer) => answer.settings),
			setSettings: (settings: SystemSettings) =>
				call<{ settings: SystemSettings }>("PUT", "/api/settings", { body: { settings } }).then((answer) => answer.settings),
			reportError: (input: { message: string; stack?: string; page?: string; digest?: string; part?: string; share?: string }) =>
				post<{ reference: string }>("/api/client-errors", input).then((answer) => answer.reference),
		},
	};
}

const modelTestMs = 90_000;
const pushMs = 60_000;
/** A download or an upload may take this much longer than an answer. */
const downloadMs = 10 * 60_000;

function bodyOf(response: Response): ReadableStream<Uint8Array> {
	return response.body ?? new ReadableStream({ start: (controller) => controller.close() });
}
