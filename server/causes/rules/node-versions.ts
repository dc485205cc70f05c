import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

const used = (version: string | null): string => (version === null ? "This Node" : `Node ${version}`);

/** The Node that is used is not the one the code was written for. */
export const nodeVersionCauses: readonly Cause[] = [
	{
		id: "openssl_legacy",
		name: "A bundler too old for this Node",
		steps: ["build", "test", "start"],
		patterns: [/ERR_OSSL_EVP_UNSUPPORTED|digital envelope routines::?(?:initialization error|unsupported)/],
		explain: ({ circumstances: { plan } }) => ({
			message: `The bundler is too old for ${used(plan.nodeVersion)}: it uses a way of hashing (MD4) that newer versions of Node have taken out. webpack 4 and react-scripts 4 do.`,
			action: "Update the bundler (webpack 5, react-scripts 5), or set engines.node to 16 in package.json, and retry.",
		}),
	},
	{
		id: "node_version_unsupported",
		name: "Another Node version is asked for",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/Not compatible with your version of node\/npm: (?<package>\S{1,120})/,
			/The engine "node" is incompatible with this module\. Expected version "(?<wanted>[^"]{1,80})"\. Got "(?<got>[^"]{1,40})"/,
			/ERR_PNPM_UNSUPPORTED_ENGINE/,
			/EBADENGINE/,
			/requires Node(?:\.js)? (?:version )?(?<wanted>[^\n]{1,60})/i,
			/Node\.js version[^\n]{0,30}(?<wanted>(?:>=|\^|v)?\d[^\n]{0,40}) is required/i,
			/The current Node version[^\n]{0,60}|Unsupported Node(?:\.js)? version/i,
			/Node\.js v\S+ is not supported/,
		],
		async explain({ groups, circumstances }) {
			const text = circumstances.lines.join("\n");
			const wanted =
				groups.wanted ||
				/Required: {1,8}\{"node":"(?<wanted>[^"]{1,80})"/.exec(text)?.[1] ||
				/Expected version: (?<wanted>[^\n]{1,60})/.exec(text)?.[1] ||
				"";
			const who = groups.package ? quote(groups.package) : "The project, or one of its dependencies,";
			return {
				message: `${who} asks for ${wanted ? `Node ${quote(wanted.replace(/\.$/, ""))}` : "another Node version"}, and ${used(circumstances.plan.nodeVersion)} is used.`,
				action: "Set the version in engines.node of package.json (or in .nvmrc), or update what asks for it, and retry.",
			};
		},
	},
	{
		id: "node_too_old",
		name: "The code needs a newer Node",
		steps: ["build", "test", "start"],
		patterns: [
			/SyntaxError: Unexpected token '(?<what>\?\?=|\|\|=|&&=|\?\.|\?\?)'/,
			/(?:No such built-in module|Cannot find module|unknown builtin)[: ]+'?(?<what>node:[\w/]{1,40})'?/i,
			/ReferenceError: (?<what>structuredClone|fetch|Headers|Response|FormData|WebSocket|navigator|File|CustomEvent) is not defined/,
			/TypeError: (?<what>(?:crypto\.hash|Object\.groupBy|Promise\.withResolvers|Array\.fromAsync|import\.meta\.dirname|[\w.]{1,60}\.(?:toSorted|toReversed|findLast|replaceAll|at|with|hasOwn))) is not a function/,
			/does not provide an export named '(?<what>styleText|parseEnv|stripTypeScriptTypes)'/,
		],
		explain: ({ groups, circumstances: { plan } }) => ({
			message: `The code uses ${quote(groups.what ?? "")}, which ${used(plan.nodeVersion)} does not have yet.`,
			action: "Ask for a newer Node: set engines.node in package.json, for example to “>=22”, and retry.",
		}),
	},
	{
		id: "typescript_run_as_javascript",
		name: "TypeScript was run as JavaScript",
		steps: ["start", "test", "build"],
		patterns: [
			/Unknown file extension "\.tsx?" for (?<file>\S{1,300})/,
			/ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX|TypeScript enum is not supported in strip-only mode/,
		],
		explain: ({ groups, circumstances: { command, plan } }) => ({
			message: `${command} runs ${groups.file ? quote(groups.file.replace(/^.*\/workspace\//, "")) : "a TypeScript file"} as it is, which ${used(plan.nodeVersion)} cannot.`,
			action: "Compile it in the build script (tsc) and start the JavaScript that comes out, or use Node 24, and retry.",
		}),
	},
];
