import type { GitAddress } from "../../lib/protocol/index.ts";
import type { Secret } from "../secrets/secret.ts";

/** Where the sandbox puts the small program that opens a connection through the egress proxy. */
const connectCommand = "/quayside/connect.mjs";

/**
 * The whole environment of a git command. Configuration travels here as well, because arguments are visible to others and
 * files stay behind. `token` is given to commands that talk to the server.
 */
export function gitEnvironment(address: GitAddress, token: Secret | null): Record<string, string> {
	const config: [string, string][] = [...fixedConfig, ...(token ? credentialConfig(address) : [])];
	return {
		PATH: "/usr/local/bin:/usr/bin:/bin",
		HOME: "/workspace/home",
		LC_ALL: "C.UTF-8",
		LANGUAGE: "C",
		GIT_CONFIG_NOSYSTEM: "1",
		GIT_CONFIG_GLOBAL: "/dev/null",
		GIT_TERMINAL_PROMPT: "0",
		GIT_ASKPASS: "",
		GIT_LFS_SKIP_SMUDGE: "1",
		GIT_ATTR_NOSYSTEM: "1",
		GIT_ALLOW_PROTOCOL: "https:http:ssh:git",
		GIT_SSH_COMMAND: sshCommand,
		...(token ? credentials(address, token) : {}),
		GIT_CONFIG_COUNT: String(config.length),
		...Object.fromEntries(
			config.flatMap(([key, value], n) => [
				[`GIT_CONFIG_KEY_${n}`, key],
				[`GIT_CONFIG_VALUE_${n}`, value],
			]),
		),
	};
}

/** Host keys are taken on first use and forgotten with the clone: there is nobody to ask, and no key of ours to lose. */
const sshCommand = [
	"ssh -F none",
	"-o BatchMode=yes",
	"-o StrictHostKeyChecking=accept-new",
	"-o UserKnownHostsFile=/workspace/home/known_hosts",
	"-o ConnectTimeout=20",
	`-o 'ProxyCommand=${connectCommand} %h %p'`,
].join(" ");

const fixedConfig: [string, string][] = [
	["core.hooksPath", "/dev/null"],
	["init.templateDir", ""],
	["core.fsmonitor", "false"],
	["core.gitProxy", connectCommand],
	["submodule.recurse", "false"],
	["fetch.recurseSubmodules", "false"],
	["gc.auto", "0"],
	["maintenance.auto", "false"],
	["advice.detachedHead", "false"],
	["credential.helper", ""],
	["safe.directory", "*"],
	// A renamed repository answers with one redirect; the egress proxy checks the address it leads to.
	["http.followRedirects", "initial"],
	["http.lowSpeedLimit", "1"],
	["http.lowSpeedTime", "60"],
	["transfer.fsckObjects", "true"],
	// Harmless and common in old public repositories.
	["fetch.fsck.zeroPaddedFilemode", "ignore"],
	["fetch.fsck.badTimezone", "ignore"],
	["fetch.fsck.missingSpaceBeforeDate", "ignore"],
];

/** Scoped to the server that was asked for: after a redirect to another one git finds no credentials. */
function credentialConfig({ transport, host, port }: GitAddress): [string, string][] {
	if (transport !== "https" && transport !== "http") return [];
	const authority = `${host.includes(":") ? `[${host}]` : host}${port === null ? "" : `:${port}`}`;
	const helper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$QUAYSIDE_GIT_USER" "$QUAYSIDE_GIT_TOKEN"; }; f`;
	return [[`credential.${transport}://${authority}.helper`, helper]];
}

/** A token may be given as `user:token` where a server insists on the user's name. */
function credentials({ host }: GitAddress, token: Secret): Record<string, string> {
	const [first = "", ...rest] = token.reveal().split(":");
	if (rest.length > 0) return { QUAYSIDE_GIT_USER: first, QUAYSIDE_GIT_TOKEN: rest.join(":") };
	const users: Record<string, string> = { "github.com": "x-access-token", "bitbucket.org": "x-token-auth" };
	return { QUAYSIDE_GIT_USER: users[host] ?? "oauth2", QUAYSIDE_GIT_TOKEN: first };
}
