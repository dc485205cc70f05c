import { retryChoices, retryStage } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import type { ErrorCode } from "#lib/errors.ts";
import type { Failure, Stage } from "#lib/protocol/index.ts";

/** What a person can do about a failure with one click. */
export type WayOut =
	/** Leads to the page where it is repaired. */
	| { type: "page"; label: string; href: string }
	/** Opens the form in which the plan is changed. */
	| { type: "plan"; label: string }
	/** Starts a new deployment from this stage. */
	| { type: "retry"; label: string; from: Stage };

/** The first thing to do about a failed deployment; null where nothing on these pages would help. */
export function wayOutOf(failure: Failure, state: DeploymentState): WayOut | null {
	const project = `/projects/${state.project.slug}`;
	const variable = missingVariable(failure);
	if (variable !== null) {
		const query = new URLSearchParams({ tab: "environment", name: variable, back: state.id });
		return { type: "page", label: `Set ${variable}`, href: `${project}?${query}` };
	}
	const folder = failure.code === "nothing_deployable" ? elsewhere.exec(failure.action)?.[1] : undefined;
	if (folder !== undefined && state.source?.type === "git")
		return { type: "page", label: `Use “${folder}”`, href: `${project}?${new URLSearchParams({ tab: "source", directory: folder })}` };
	if (sourceCodes.has(failure.code) && !isOfRepository(failure))
		return { type: "page", label: "Open the source", href: `${project}?tab=source` };
	if (settingsCodes.has(failure.code)) return { type: "page", label: "Open the settings", href: `${project}?tab=settings` };
	if (
		planCodes.has(failure.code) ||
		isOfSettings(failure) ||
		(failure.cause !== null && planCauses.has(failure.cause)) ||
		isOfStart(failure)
	)
		return { type: "plan", label: "Edit the plan" };
	const choices = retryChoices(state);
	if ((codeCodes.has(failure.code) || isOfRepository(failure)) && state.source?.type === "git" && choices.includes("clone")) {
		return { type: "retry", label: "Deploy the newest commit", from: "clone" };
	}
	const from = retryStage(state);
	return choices.includes(from) ? { type: "retry", label: "Try again", from } : null;
}

/** A plan that cannot be, because of what the project's settings say: quayside.json is corrected in the repository. */
const isOfSettings = ({ code, message }: Failure): boolean => code === "config_invalid" && !message.includes("quayside.json");

/** The nearest folder in which something deployable was seen. */
const elsewhere = /seems to be in “([^”]{1,40})”/;

/** The cure is a change in the repository: the commit that failed would fail again. */
const isOfRepository = ({ action }: Failure): boolean => action.includes("push and deploy again");

/** The file that the start command names is not there; an import that leads nowhere is corrected in the repository. */
const isOfStart = ({ cause, message }: Failure): boolean => cause === "file_missing" && / starts “[^”]+”, /.test(message);

const sourceCodes: ReadonlySet<ErrorCode> = new Set([
	"repository_not_found",
	"repository_auth_failed",
	"host_key_changed",
	"ref_not_found",
	"directory_not_found",
	// The usual cure is another directory.
	"nothing_deployable",
]);
const settingsCodes: ReadonlySet<ErrorCode> = new Set(["stage_timeout", "out_of_memory"]);
const planCodes: ReadonlySet<ErrorCode> = new Set(["target_unsupported", "output_missing", "app_not_listening"]);
/** Known causes that a command, a version or a port of the plan cures. */
export const planCauses: ReadonlySet<string> = new Set([
	"output_elsewhere",
	"output_is_server",
	"port_fixed",
	"script_missing",
	"command_not_found",
	"node_version_unsupported",
	"node_too_old",
	"typescript_run_as_javascript",
	"package_manager_mismatch",
	"port_privileged",
	"port_in_use",
	"app_file_missing",
	"python_app_missing",
	"build_never_ends",
	"tests_watch",
	"no_tests_found",
]);
/** Known causes that a variable of the project cures; their words name it in quotes. */
export const variableCauses: ReadonlySet<string> = new Set(["env_missing", "npmrc_variable_missing"]);
/** Failures whose cure is a change of the repository. */
const codeCodes: ReadonlySet<ErrorCode> = new Set([
	"config_invalid",
	"install_failed",
	"build_failed",
	"test_failed",
	"app_crashed",
	"app_unhealthy",
	"repository_empty",
]);

const quotedName = /“([A-Za-z_]\w{0,127})”/;
const saysMissing =
	/\b(?:process\.env\.|env(?:ironment)? variable:?\s+["'`]?)?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)["'`]?,? (?:is|was|must be|needs to be|has to be) (?:not (?:set|defined|provided)|missing|required|undefined|unset|set|defined)\b/;

/** Name of the environment variable without which it failed; null where it was something else. */
export function missingVariable({ cause, message, action, lines }: Pick<Failure, "cause" | "message" | "action" | "lines">): string | null {
	if (cause !== null) {
		if (!variableCauses.has(cause)) return null;
		return (quotedName.exec(message) ?? quotedName.exec(action))?.[1] ?? null;
	}
	for (const line of lines) {
		const name = saysMissing.exec(line)?.[1];
		if (name && !/^E(?:RR|RESOLVE)_?/.test(name)) return name;
	}
	return null;
}

const looksWrong = /\b(?:error|fatal|failed|exception|cannot|could not|not found|not set|missing|denied|unexpected)\b|✖|✘|×/i;

/** Which of the lines that matter tells most: the first that says what is wrong; null when none does. */
export function decisiveLine(lines: readonly string[]): number | null {
	const strong = lines.findIndex((line) => /\b(?:\w*Error|error|fatal|FATAL)\b.*[:\]]/.test(line));
	const found = strong >= 0 ? strong : lines.findIndex((line) => looksWrong.test(line));
	return found < 0 ? null : found;
}

const properNames: Readonly<Record<string, string>> = {
	typescript: "TypeScript",
	javascript: "JavaScript",
	eslint: "ESLint",
	npmrc: ".npmrc",
	postcss: "PostCSS",
	php: "PHP",
	json: "JSON",
};

/** A known cause as a short title: `lockfile_outdated` is "Lockfile outdated". */
export function causeTitle(cause: string): string {
	const words = (cause === "env_missing" ? "variable missing" : cause.replaceAll("_", " ")).replace(
		/\b(?:typescript|javascript|eslint|npmrc|postcss|php|json)\b/g,
		(name) => properNames[name] ?? name,
	);
	return words.charAt(0).toUpperCase() + words.slice(1);
}
