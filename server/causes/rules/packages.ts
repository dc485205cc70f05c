import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

/** What package.json asks for cannot be had as it is written. */
export const packageCauses: readonly Cause[] = [
	{
		id: "package_json_missing",
		name: "package.json is missing",
		steps: ["install", "build", "test"],
		patterns: [
			/ENOENT.{0,200}open '[^']*\/package\.json'|Could not read package\.json: Error: ENOENT/,
			/ERR_PNPM_NO_(?:PKG_MANIFEST|IMPORTER_MANIFEST_FOUND)/,
			/Couldn't find a package\.json file/,
		],
		explain: ({ circumstances: { command, plan } }) => ({
			message: `${command} found no package.json in ${plan.directory === "" ? "the repository's root" : quote(plan.directory)}.`,
			action: "Choose the folder that holds package.json as the project's directory, and deploy again.",
		}),
	},
	{
		id: "package_json_invalid",
		name: "package.json is not valid JSON",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/EJSONPARSE[\s\S]{0,600}?(?<where>(?:Expected|Unexpected|Bad)[^\n]{0,160})/,
			/EJSONPARSE/,
			/ERR_PNPM_JSON_PARSE[^\n]{0,80}?(?<where>(?:Expected|Unexpected|Trailing|in JSON)[^\n]{0,160})/,
			/ERR_PNPM_JSON_PARSE/,
			/(?<where>(?:Expected|Unexpected|Bad)[^\n]{0,100} in JSON at position[^\n]{0,60})[^\n]{0,300}package\.json/,
			/package\.json: (?<where>(?:Expected|Unexpected) [^\n]{0,160})/,
			/Invalid package config .*package\.json|ERR_INVALID_PACKAGE_CONFIG/,
			/package\.json.{0,80}(?<where>JSON\.parse|is not valid JSON)/i,
		],
		explain: ({ groups }) => ({
			message: `package.json is not valid JSON${groups.where ? `: ${groups.where.replace(/^in JSON/, "error").slice(0, 160)}` : ""}.`,
			action: "Correct the place (a comma too many or too few, a comment, a quote), commit, push and deploy again.",
		}),
	},
	{
		id: "peer_conflict",
		name: "Dependencies do not fit together",
		steps: ["install"],
		patterns: [
			/ERESOLVE[\s\S]{0,1500}?peer (?<wanted>\S+@"[^"]{0,80}") from (?<by>\S+)/,
			/ERESOLVE/,
			/unmet peer (?<wanted>[^\s:]+)/,
			/ERR_PNPM_PEER_DEP_ISSUES/,
		],
		explain({ groups }) {
			const wanted = groups.wanted?.replaceAll('"', "") ?? "";
			const who = groups.by
				? `${quote(groups.by)} asks for ${quote(wanted)}`
				: wanted
					? `${quote(wanted)} is asked for`
					: "One of them asks for another version";
			return {
				message: `Two dependencies do not fit together: ${who}, but the project has another version of it.`,
				action:
					"Choose versions that fit (npm install shows the same error where you develop), commit package.json with its lockfile, push and deploy again.",
			};
		},
	},
	{
		id: "version_not_found",
		name: "The version of a package does not exist",
		steps: ["install"],
		patterns: [
			/No matching version found for (?<package>\S+@[^\s]*[^\s.])/,
			/Couldn't find any versions for "(?<package>[^"]{1,120})" that matches "(?<version>[^"]{1,80})"/,
			/No version matching "(?<version>[^"]{1,80})" found for specifier "(?<package>[^"]{1,120})"/,
			/YN0082[^\n]{0,10}│ (?<package>[^\s:]{1,120}?)@(?:npm:)?(?<version>[^:\n]{1,60}): No candidates found/,
			/ETARGET|\bnotarget\b/,
		],
		explain: ({ groups }) => {
			const what = groups.package
				? quote(groups.version ? `${groups.package}@${groups.version}` : groups.package)
				: "A version that is asked for";
			return {
				message: `${what} does not exist: the package is in the registry, this version of it is not.`,
				action:
					"Ask for a version that exists (npm view NAME versions lists them), commit package.json with its lockfile, push and deploy again.",
			};
		},
	},
	{
		id: "npmrc_variable_missing",
		name: "A variable that .npmrc names is not set",
		steps: ["install"],
		patterns: [/Failed to replace env in config: \$\{(?<variable>\w{1,80})\}/, /Environment variable not found \((?<variable>\w{1,80})\)/],
		explain: ({ groups }) => ({
			message: `.npmrc uses the variable ${quote(groups.variable ?? "")}, and the project does not set it: the registry is asked without a token.`,
			action: `Add ${quote(groups.variable ?? "")} as a secret of the project, for builds, and retry.`,
		}),
	},
	{
		id: "workspace_package_missing",
		name: "A workspace package is not in the repository",
		steps: ["install"],
		patterns: [
			/Unsupported URL Type "workspace:"/,
			/"(?<package>[^"]{1,120})" is in the dependencies but no package named/,
			/ERR_PNPM_WORKSPACE_PKG_NOT_FOUND[\s\S]{0,200}?"(?<package>@?[^"@]{1,120})@workspace/,
			/Workspace dependency "(?<package>[^"]{1,120})" not found/,
			/ERR_PNPM_WORKSPACE_PKG_NOT_FOUND/,
		],
		explain: ({ groups, circumstances: { plan } }) => ({
			message: `${groups.package ? quote(groups.package) : "A dependency"} is asked for as a package of this workspace (“workspace:”), but it cannot be installed from here.`,
			action:
				plan.packageManager === "npm"
					? "npm knows no “workspace:” versions. Name pnpm, yarn or bun in packageManager of package.json, commit its lockfile, push and deploy again."
					: "Check that the package is in the repository and listed among its workspaces, and that the install runs in the workspace's root. Then retry.",
		}),
	},
	{
		id: "local_dependency_missing",
		name: "A dependency that is a folder or file is not in the repository",
		steps: ["install"],
		patterns: [
			/ENOENT.{0,120}(?:open|lstat|stat|scandir) '(?<path>[^']{0,300}?)(?:\/package\.json)?'/,
			/ERR_PNPM_LINKED_PKG_DIR_NOT_FOUND[^\n]{0,120}?(?<path>\/[^\s"']+)/,
			/Could not install from "(?<path>[^"]{1,300})" as it does not (?:exist|contain)/,
			/Package "[^"]{0,120}" refers to a non-existing file '?"?(?<path>[^'"\n]{1,300})/,
		],
		explain: ({ groups }) => ({
			message: `A dependency is a file or folder, ${quote((groups.path ?? "").replace(/^\/workspace\//, ""))}, and it is not in the repository.`,
			action:
				"Commit it, or publish it as a package and depend on that. If it lies beside the app's folder, deploy the folder above. Then retry.",
		}),
	},
	{
		id: "package_manager_mismatch",
		name: "Another package manager is asked for",
		steps: ["install", "build"],
		patterns: [
			/This project is configured to use (?<wanted>npm|pnpm|yarn|bun)(?:@\S{1,40})?/,
			/"packageManager": "(?<wanted>(?:npm|pnpm|yarn|bun)@[\w.+-]{1,60})"/,
			/Use "(?<wanted>npm|pnpm|yarn|bun) (?:install|i)" (?:for installation|to install)/i,
			/ERR_PNPM_BAD_PM_VERSION[\s\S]{0,200}?v?(?<wanted>pnpm@?\d\S{0,30})?/,
			/EBADDEVENGINES/,
		],
		explain: ({ groups, circumstances }) => {
			const used = circumstances.command.split(" ", 1)[0] ?? "";
			return {
				message: `The project asks for ${groups.wanted ? quote(groups.wanted) : "another package manager"}, but ${groups.wanted?.startsWith(used) ? `another version of ${used}` : used} was used.`,
				action:
					"Commit the lockfile of the one you use and name it in packageManager of package.json, remove the lockfiles of others, push and deploy again.",
			};
		},
	},
];
