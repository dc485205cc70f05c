/**
 * The one error of the product. Code that fails throws `AppError(code)`; the catalogue below says what happened, what to
 * do and which HTTP status it is. The closed list of codes lives here and nowhere else.
 */

export interface ErrorEntry {
	/** HTTP status of an answer that carries this error. */
	readonly status: number;
	/** What happened, for people: one plain sentence. */
	readonly message: string;
	/** What to do about it, for people: one plain sentence. */
	readonly action: string;
}

const entry = (status: number, message: string, action: string): ErrorEntry => ({ status, message, action });

export const errorCatalogue = {
	// requests
	bad_request: entry(400, "The request could not be understood.", "Check the values that were sent and try again."),
	invalid_url: entry(
		400,
		"This is not a repository address Quayside can clone.",
		"Use an address like https://host/owner/name.git, ssh://git@host/owner/name.git or git@host:owner/name.git.",
	),
	unauthenticated: entry(401, "You are not logged in.", "Log in and try again."),
	invalid_credentials: entry(401, "Email and password do not match.", "Check both and try again."),
	forbidden: entry(403, "You are not allowed to do this.", "Ask an administrator for access."),
	foreign_origin: entry(403, "The request came from another site.", "Open Quayside at its own address and try again."),
	unknown_host: entry(
		421,
		"Quayside does not answer at this address.",
		"Open it at its own address, or add this one to QUAYSIDE_ALLOWED_ORIGINS.",
	),
	not_found: entry(404, "There is nothing here that you can see.", "Check the address."),
	conflict: entry(409, "This was changed or done in the meantime.", "Reload the page and try again."),
	idempotency_conflict: entry(409, "The same idempotency key was used for a different request.", "Send the request again with a new key."),
	already_finished: entry(409, "This deployment has already ended.", "Start a new one or retry it."),
	already_answered: entry(409, "Somebody has answered this already.", "Nothing to do: the first answer counts."),
	not_finished: entry(409, "This deployment is still going on.", "Wait until it has ended, or cancel it first."),
	name_taken: entry(409, "This name is already taken.", "Choose another name."),
	too_large: entry(413, "The request is too large.", "Send less at once."),
	rate_limited: entry(429, "Too many requests in a short time.", "Wait a moment and try again."),
	setup_expired: entry(403, "This set-up link is no longer valid.", "Restart Quayside to get a new link."),
	// source
	repository_not_found: entry(422, "The repository was not found, or it is private.", "Check the address, or add an access token."),
	repository_auth_failed: entry(
		422,
		"The git server refused the access token.",
		"Check that the token is valid and may read this repository.",
	),
	repository_unreachable: entry(422, "The git server could not be reached.", "Check the address and that the server is up, then retry."),
	repository_empty: entry(422, "The repository is empty.", "Push at least one commit and deploy again."),
	repository_too_large: entry(
		422,
		"The repository is larger than the limit.",
		"Remove large files from it, or raise the limit in the project's settings.",
	),
	ref_not_found: entry(422, "The branch, tag or commit does not exist in this repository.", "Check the name and retry."),
	directory_not_found: entry(422, "The directory does not exist in this repository.", "Check the path and retry."),
	private_address: entry(
		422,
		"The address leads to a private network, which is not allowed.",
		"Use a public address. For a git server of your own, start Quayside with QUAYSIDE_ALLOW_PRIVATE_GIT=1.",
	),
	host_key_changed: entry(
		422,
		"The git server's host key is not the one it had before.",
		"Make sure that it is the right server. If its key was really changed, forget the old one on the project's Source page and retry.",
	),
	push_rejected: entry(
		409,
		"The branch has commits that were not pushed from here.",
		"Push to another branch, or to an empty repository: what is there is never overwritten.",
	),
	push_refused: entry(422, "The git server refused the push.", "The branch may be protected: allow it there, or push to another branch."),
	upload_missing: entry(422, "The uploaded files are no longer stored.", "Send the folder again."),
	upload_invalid: entry(
		400,
		"The upload is not a folder packed with tar and gzip.",
		"Send it with the command line tool, or pack it anew.",
	),
	// briefs
	brief_unusable: entry(
		422,
		"It is not clear what is to be made.",
		"Say in a sentence or two what it is, what it is called and what should be on it: “A landing page for my bakery Sunrise with prices and a contact form”.",
	),
	brief_refused: entry(
		422,
		"This asks for something that harms people, and Quayside does not make it.",
		"If it was meant otherwise, say it in other words.",
	),
	message_not_understood: entry(
		422,
		"This message was not understood, so nothing was changed.",
		"Ask for one of these: “make the header blue”, “call it Harbour”, “add a section about prices”, “remove the prices”, “undo”.",
	),
	// plan
	config_invalid: entry(422, "quayside.json cannot be used.", "Correct the line that is named, commit, push and deploy again."),
	tool_missing: entry(422, "A program this project needs is not on this machine.", "Install it, restart Quayside and retry."),
	nothing_deployable: entry(
		422,
		"Nothing that can be deployed was found in this repository.",
		"Add an index.html, or a package.json with a build or start script, or choose another directory.",
	),
	target_unsupported: entry(
		422,
		"This project needs a target that is not available here.",
		"Choose another target, or remove the Dockerfile to let Quayside plan the build.",
	),
	// build, test, deploy, verify
	install_failed: entry(422, "Installing the dependencies failed.", "Read the marked lines, fix the cause and retry."),
	build_failed: entry(422, "The build command failed.", "Read the marked lines, fix the cause and retry."),
	output_missing: entry(
		422,
		"The build finished, but its output folder is missing or empty.",
		"Check the output folder of the build and retry.",
	),
	test_failed: entry(422, "The tests failed.", "Read the marked lines, fix the cause and retry."),
	out_of_memory: entry(422, "The command used more memory than it may.", "Reduce what it needs, or raise the memory limit, and retry."),
	output_limit: entry(422, "The command printed more than the limit.", "Make it print less and retry."),
	disk_limit: entry(422, "The command wrote more to the disk than it may.", "Make it write less, or raise the limit, and retry."),
	process_limit: entry(422, "The command started more processes than it may.", "Make it start fewer at a time and retry."),
	disk_full: entry(507, "There is no space left on the disk.", "Free some space and retry."),
	app_not_listening: entry(
		422,
		"The app started, but nothing answers on its port.",
		"Listen on the port given in the PORT variable, on every address, and retry.",
	),
	app_crashed: entry(
		422,
		"The app stopped right after it was started.",
		"Read its last lines, fix the cause and retry. A variable it asks for belongs on the project's Environment page.",
	),
	app_unhealthy: entry(422, "The app answers, but with an error.", "Open its log, fix the cause and retry."),
	stage_timeout: entry(
		422,
		"The stage took longer than it may.",
		"Make it faster, or raise the deadline in the project's settings, and retry.",
	),
	attempts_exhausted: entry(503, "The stage was interrupted too often.", "Check the health of this machine, then retry."),
	result_missing: entry(409, "A result this stage needs is no longer stored.", "Retry from an earlier stage."),
	sandbox_unavailable: entry(
		503,
		"Builds cannot be isolated on this machine.",
		"Install bubblewrap, or let an administrator allow builds without isolation.",
	),
	// models
	model_not_configured: entry(
		503,
		"AI service configuration needed. Please check setup.",
		"Ask an administrator to add a model with its key under Settings, Models.",
	),
	model_auth: entry(
		503,
		"AI service configuration needed. Please check setup.",
		"The provider refused the key. Ask an administrator to enter a valid one under Settings, Models.",
	),
	model_rate_limited: entry(
		503,
		"AI service is busy. Retrying in a moment…",
		"Retry in a few minutes if it does not go on by itself, or let an administrator add a second model under Settings, Models.",
	),
	model_connection: entry(
		503,
		"Connection lost. Reconnecting automatically…",
		"Retry if it does not go on by itself. If it happens again, check the provider's address under Settings, Models.",
	),
	model_timeout: entry(503, "The AI service did not answer in time.", "Retry, or choose a faster model under Settings, Models."),
	model_interrupted: entry(503, "The AI service stopped in the middle of its answer.", "Retry; nothing of the unfinished answer is used."),
	model_unavailable: entry(
		503,
		"The AI service has trouble of its own.",
		"Retry in a few minutes, or let an administrator add a second model under Settings, Models.",
	),
	model_unknown: entry(422, "The provider does not have this model.", "Check the name of the model under Settings, Models."),
	model_malformed: entry(
		422,
		"The AI service gave an answer that cannot be used.",
		"Retry, or choose another model under Settings, Models.",
	),
	model_refused: entry(422, "The model declined to answer this.", "Word the request differently, or choose another model."),
	model_rejected: entry(
		422,
		"The AI service did not accept the request.",
		"The text may be too long for this model. Shorten it, or choose another model under Settings, Models.",
	),
	model_budget: entry(
		422,
		"This deployment has used up its budget for AI.",
		"Retry to begin with a new budget, or let an administrator raise it under Settings, Models.",
	),
	// platform
	misconfigured: entry(503, "Quayside is not configured correctly.", "Correct the setting that is named and start Quayside again."),
	cancelled: entry(409, "This was cancelled.", "Start it again when you are ready."),
	stale_attempt: entry(409, "Another attempt has taken over this work.", "Nothing to do: the newer attempt goes on."),
	unreachable: entry(503, "Quayside cannot be reached.", "Check the address and your connection, then try again."),
	database_unavailable: entry(503, "The database does not answer.", "Wait a moment; Quayside keeps trying."),
	shutting_down: entry(503, "Quayside is restarting.", "Wait a moment and try again."),
	internal: entry(500, "Something went wrong inside Quayside.", "Try again. If it happens again, report it with the reference."),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]];

/** What people are shown of an error; the body of every failed HTTP answer is `{ error: PublicError }`. */
export interface PublicError {
	code: ErrorCode;
	message: string;
	action: string;
	/** Id that finds the log entry of this error. */
	reference: string;
}

const brand = Symbol.for("quayside.AppError");

export interface AppErrorOptions {
	/** Replaces the catalogue's sentence with a more specific one, for people. */
	message?: string;
	/** Replaces the catalogue's action, for people. */
	action?: string;
	/** For the log only; never shown. */
	detail?: string;
	cause?: unknown;
	/** Typed extras that a caller may show, such as the field of a form. */
	data?: Readonly<Record<string, unknown>>;
}

export class AppError extends Error {
	readonly code: ErrorCode;
	readonly action: string;
	readonly status: number;
	readonly detail: string | undefined;
	readonly data: Readonly<Record<string, unknown>> | undefined;
	readonly [brand] = true;

	constructor(code: ErrorCode, options: AppErrorOptions = {}) {
		const known = errorCatalogue[code];
		super(options.message ?? known.message, { cause: options.cause });
		this.name = "AppError";
		this.code = code;
		this.action = options.action ?? known.action;
		this.status = known.status;
		this.detail = options.detail;
		this.data = options.data;
	}
}

/** True for an `AppError` of either module graph (Next bundles its own copy of this file, so `instanceof` would lie). */
export function isAppError(error: unknown): error is AppError {
	return typeof error === "object" && error !== null && brand in error;
}

/** The public face of any thrown value: an unknown one becomes `internal` and keeps its own words for the log only. */
export function toPublicError(error: unknown, reference: string): PublicError {
	if (isAppError(error)) return { code: error.code, message: error.message, action: error.action, reference };
	const { message, action } = errorCatalogue.internal;
	return { code: "internal", message, action, reference };
}
