import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

const decode = (name: string): string => name.replaceAll(/%2f/gi, "/");

/** The registry, or another server packages come from, did not give what was asked for. */
export const registryCauses: readonly Cause[] = [
	{
		id: "package_private",
		name: "A package is private",
		steps: ["install"],
		patterns: [
			/\b(?:401|403)\b[^\n]{0,60}? - GET https?:\/\/[^\s/]+\/(?<package>@?[^\s:]{1,200})/,
			/ERR_PNPM_FETCH_40[13]\s{1,4}GET https?:\/\/[^\s/]+\/(?<package>@?[^\s:]{1,200})/,
			/https?:\/\/[^\s/]+\/(?<package>@?[^\s:]{1,200}): (?:authentication required|forbidden|unauthorized)/i,
			/GET https?:\/\/[^\s/]+\/(?<package>@?[^\s:]{1,200}) - 40[13]\b/,
			/requested resource '(?<package>@[^'@]{1,200})@[^']{0,80}' could not be found/,
			/GET https?:\/\/[^\s/]+\/(?<package>@[^\s:]{1,200})(?:: Not Found)? - 404/,
			/Couldn't find package "(?<package>@[^"]{1,200})"/,
			/code E40[13]|ENEEDAUTH/,
			/YN0041|YN0033/,
		],
		explain: ({ groups }) => {
			const scope = /^(@[^/]+)/.exec(decode(groups.package ?? ""))?.[1];
			const what = groups.package ? quote(decode(groups.package)) : "A package";
			return {
				message: `${what} is not given out to everybody: the registry asks for a login, or the package does not exist.`,
				action: `If it is private, add a secret NPM_RC for builds on the project's Environment page: the lines of an .npmrc that name the registry${scope ? ` of ${scope}` : ""} and its token. Then retry.`,
			};
		},
	},
	{
		id: "package_not_found",
		name: "A package does not exist",
		steps: ["install", "build"],
		patterns: [
			/requested resource '(?<package>[^'@][^'@]{0,200})@[^']{0,80}' could not be found/,
			/ERR_PNPM_FETCH_404\s{1,4}GET https?:\/\/[^\s/]+\/(?<package>[^\s:]{1,200})/,
			/Couldn't find package "(?<package>[^"]{1,200})"/,
			/GET https?:\/\/[^\s/]+\/(?<package>[^\s:]{1,200}) - 404/,
			/\b404\b[^\n]{0,30}- GET https?:\/\/[^\s/]+\/(?<package>[^\s:]{1,200})/,
			/Could not find artifact (?<package>[\w.:-]{1,200}) in /,
			/Root composer\.json requires (?<package>[\w./-]{1,120})[^\n]{0,20}, it could not be found in any version/,
			/no matching package named `(?<package>[^`]{1,120})` found/,
			/Could not find gem '(?<package>[^' ]{1,120})[^']{0,40}' in rubygems repository/,
			/code E404|YN0035/,
		],
		explain: ({ groups }) => ({
			message: `${groups.package ? quote(decode(groups.package)) : "A package"} is not in the package registry.`,
			action: "Check how it is written and whether it was ever published, correct the list of dependencies and its lockfile, and retry.",
		}),
	},
	{
		id: "git_dependency_unreachable",
		name: "A dependency from git cannot be fetched",
		steps: ["install", "build"],
		patterns: [
			/git (?:--no-replace-objects )?ls-remote (?:--\S+ )?(?<url>(?:ssh|git|https?|git\+ssh):\/\/[^\s]{1,300}|git@[^\s]{1,300})/,
			/(?:Command failed with exit code 128|Failed to (?:clone|fetch)[^\n]{0,60}):? ?[^\n]{0,80}?(?<url>(?:ssh|git|https?):\/\/[^\s]{1,300}\.git)/,
			/(?:ssh|git\+ssh):\/\/[^\n]{0,200}[\s\S]{0,400}?An unknown git error occurred/,
			/Host key verification failed|Permission denied \(publickey|fatal: Could not read from remote repository/,
			/fatal: could not read Username for '(?<url>[^']{1,300})'/,
		],
		explain: ({ groups }) => ({
			message: `A dependency comes straight from a git repository${groups.url ? `, ${quote(groups.url.replace(/\/\/[^@/]*@/, "//"))}` : ""}, and it could not be fetched: builds have no ssh key for it, or it does not answer.`,
			action: "Publish it as a package, or use an https address that needs no login, commit the lockfile, push and deploy again.",
		}),
	},
	{
		id: "certificate_untrusted",
		name: "A server's certificate is not trusted",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_HAS_EXPIRED|CERTIFICATE_VERIFY_FAILED|self[- ]signed certificate|PKIX path building failed/,
		],
		explain: () => ({
			message:
				"The certificate of a server the command talks to is not trusted here: it was issued by an authority this machine does not know, or it has expired.",
			action: "Let an administrator start Quayside with that authority's certificate in NODE_EXTRA_CA_CERTS, and retry.",
		}),
	},
	{
		id: "registry_unreachable",
		name: "The package registry cannot be reached",
		steps: ["install", "build"],
		patterns: [
			/(?:request to|GET) https?:\/\/(?<host>[^\s/]{1,120})\/[^\s]{0,300}? failed, reason: (?<why>[^\n]{1,120})/,
			/network timeout at: https?:\/\/(?<host>[^\s/]{1,120})/,
			/\bE?(?<why>50[0234]\b[^\n]{0,60}?) - GET https?:\/\/(?<host>[^\s/]{1,120})/,
			/ERR_PNPM_(?:META_FETCH_FAIL|FETCH_50\d)[^\n]{0,40}https?:\/\/(?<host>[^\s/]{1,120})/,
			/(?<why>ConnectionRefused|ConnectionClosed|FailedToOpenSocket|Timeout) downloading package manifest/,
			/connection broken by '(?<why>\w{1,60})/,
			/Could not transfer artifact [^\n]{0,200}?\(https?:\/\/(?<host>[^)/\s]{1,120})/,
			/Unknown host (?<host>[\w.-]{1,120})/,
			/Could not (?:reach host|fetch specs from) (?<host>[^\s,]{1,120})/,
			/curl error \d+ while downloading https?:\/\/(?<host>[^\s/]{1,120})/,
			/(?:dial tcp|proxyconnect tcp)[^\n]{0,120}/,
			/failed to (?:download from|fetch) `https?:\/\/(?<host>[^\s/`]{1,120})|Could not resolve host: (?<name>[\w.-]{1,120})|There was a problem.{0,40}network/,
			/(?:error Error: |code |RequestError: )(?<why>(?:connect |getaddrinfo )?(?:ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNRESET)[^\n]{0,80})/,
			/ESOCKETTIMEDOUT|ERR_SOCKET_TIMEOUT/,
		],
		explain: ({ groups, line }) => {
			if (/(?:localhost|127\.0\.0\.1|\[::1\]):(?:3000|8080|5432|3306|6379|27017)\b/.test(line)) return null;
			const host = groups.host || groups.name;
			return {
				message: `The packages could not be downloaded: ${host ? quote(host) : "the registry"} does not answer${groups.why ? ` (${groups.why.trim()})` : ""}.`,
				action:
					"Usually it passes: retry in a moment. If it does not, check this machine's way to the internet and the registry named in .npmrc.",
			};
		},
	},
];
