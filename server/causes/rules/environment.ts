import type { Cause, Found } from "../cause.ts";
import { quote } from "../cause.ts";

const variable = `(?<![A-Z0-9_])(?<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{3,40})`;
/** Names that are written in capitals and are not variables a person sets. */
const noVariables = new Set([
	"NODE_ENV",
	"NODE_OPTIONS",
	"ERR_MODULE_NOT_FOUND",
	"MODULE_NOT_FOUND",
	"JSON",
	"HTTP",
	"ERROR",
	"FATAL",
	"API",
	"URL",
]);
/** "API_KEY: undefined", "  - API_KEY", "path: [ 'API_KEY' ]" */
const listed = /^\W*(?:"?path"?: )?\W*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\W*(?::|$)/;

/** Names of variables: the one that was found and those that a list in the output names too. */
function variablesOf({ groups, circumstances }: Found): string[] {
	const first = groups.variable ?? "";
	const others = circumstances.lines.flatMap((line) => listed.exec(line)?.[1] ?? []);
	return [...new Set([first, ...(first === "" || groups.list !== undefined ? others : [])])]
		.filter((name) => name !== "" && !noVariables.has(name))
		.slice(0, 6);
}

/** Something is missing that the project sets on its Environment page. */
export const environmentCauses: readonly Cause[] = [
	{
		id: "env_missing",
		name: "An environment variable is missing",
		steps: ["build", "test", "start"],
		patterns: [
			new RegExp(
				String.raw`(?:missing|required|undefined|unset)[^\n]{0,40}?(?:env(?:ironment)?(?: |-)?(?:variable|var)s?)[^\nA-Z]{0,20}${variable}`,
			),
			new RegExp(
				String.raw`[Mm]issing (?:required )?(?:env(?:ironment)? )?(?:variable|var|env|config\w*|secret|key)s?:? ["'\x60]?${variable}`,
			),
			new RegExp(
				String.raw`[Ee]nvironment variable (?:not found:? |is missing:? )?["'\x60]?${variable}["'\x60]? ?(?:is |was )?(?:not (?:found|set|defined|provided)|missing|required|undefined|must)?`,
			),
			new RegExp(
				String.raw`["'\x60]?${variable}["'\x60]? (?:environment variable |env var )?(?:is|was|are) (?:not (?:set|defined|provided|configured)|missing|required|undefined|unset)`,
			),
			new RegExp(String.raw`["'\x60]?${variable}["'\x60]? (?:environment variable )?must be (?:set|provided|defined)`),
			new RegExp(String.raw`[Pp]lease (?:set|provide|define|add)(?: the| an?| your)?(?: environment variable)? ["'\x60]?${variable}`),
			new RegExp(`KeyError: '${variable}'`),
			new RegExp(String.raw`key not found: "${variable}" \(KeyError\)`),
			/(?<list>Invalid environment variables|Missing environment variables|Invalid or missing environment|Environment validation (?:failed|error))/i,
			/(?<list>ZodError)[\s\S]{0,400}?"path": \[\s*"(?<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/,
			/The (?<variable>SECRET_KEY) setting must not be empty/,
			/Missing `(?<variable>secret_key_base)`/,
		],
		explain(found) {
			const names = variablesOf(found);
			if (names.length === 0 && found.groups.list === undefined) return null;
			if (names.length === 0 && found.groups.variable) return null;
			const { step } = found.circumstances;
			const when = step === "start" ? "when it runs" : step === "test" ? "for its tests" : "while it is built";
			const what = names.length === 0 ? "Environment variables" : names.map(quote).join(", ");
			const one = names.length === 1;
			return {
				message: `${what} ${one ? "is" : "are"} not set: the project needs ${one ? "this variable" : "these variables"} ${when}.`,
				action: `Add ${names.length === 0 ? "the variables named in its lines" : names.map(quote).join(", ")} on the project's Environment page, for ${step === "start" ? "the running app" : "builds"}, and retry.`,
			};
		},
	},
];
