import type { GitAddress } from "../../lib/protocol/index.ts";
import { inside } from "../exec/layout.ts";
import type { Secret } from "../secrets/secret.ts";

/** Inside the sandbox; holds the programs below and what ssh learns. */
const home = "/workspace/home";

export const checkoutProgram = `${home}/checkout`;

/**
 * Small programs of a clone, most of them for git to start. Constant text: addresses reach them as arguments. Host keys are taken on first use and
 * forgotten with the clone: there is nobody to ask, and no key of ours to lose.
 */
export const gitPrograms: Readonly<Record<string, string>> = {
	connect: `#!/bin/sh
exec "$QUAYSIDE_NODE" "$QUAYSIDE_CONNECT" "$@"
`,
	// checkout REVISION MAX_FILES MAX_BYTES: sizes are added up before any file is written, so that a small pack cannot fill the disk.
	checkout: `#!/bin/sh
set -eu
git --git-dir=git log -1 --decorate=full --format='commit %H%nnames %D%nsubject %s' "$1^{commit}" --
set -- "$1" "$2" "$3" $(git --git-dir=git ls-tree -r -l --full-tree "$1" | awk '{ n += 1; b += $4 } END { printf "%d %.0f", n, b }')
echo "size $4 $5"
if [ "$4" -le "$2" ] && [ "$5" -le "$3" ]; then
	git --git-dir=git --work-tree=tree checkout --force --quiet --detach "$1"
fi
`,
	ssh: `#!/bin/sh
exec ssh -F none -o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=accept-new \\
	-o UserKnownHostsFile="$HOME/known_hosts" -o ProxyCommand="$HOME/connect %h %p" "$@"
`,
};

/**
 * The whole environment of a git command. Configuration travels here as well, because arguments are visible to others and
 * files stay behind. `token` is given to commands that talk to the server.
 */
export function gitEnvironment(address: GitAddress, token: Secret | null): Record<string, string> {
	const config: [string, string][] = [...fixedConfig, ...(token ? credentialConfig(address) : [])];
	return {
		PATH: "/usr/local/bin:/usr/bin:/bin",
		HOME: home,
		// Also a git server on this machine is reached through the proxy: the sandbox's own loopback is empty.
		NO_PROXY: "",
		no_proxy: "",
		LC_ALL: "C.UTF-8",
		LANGUAGE: "C",
		GIT_CONFIG_NOSYSTEM: "1",
		GIT_CONFIG_GLOBAL: "/dev/null",
		GIT_TERMINAL_PROMPT: "0",
		GIT_ASKPASS: "",
		GIT_LFS_SKIP_SMUDGE: "1",
		GIT_ATTR_NOSYSTEM: "1",
		GIT_ALLOW_PROTOCOL: "https:http:ssh:git",
		GIT_SSH: `${home}/ssh`,
		QUAYSIDE_NODE: inside.node,
		QUAYSIDE_CONNECT: inside.connect,
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

const fixedConfig: [string, string][] = [
	["core.hooksPath", "/dev/null"],
	["init.templateDir", ""],
	["core.fsmonitor", "false"],
	["core.gitProxy", `${home}/connect`],
	["submodule.recurse", "false"],
	["fetch.recurseSubmodules", "false"],
	["gc.auto", "0"],
	["maintenance.auto", "false"],
	["advice.detachedHead", "false"],
	["credential.helper", ""],
	["safe.directory", "*"],
	// A renamed repository answers with one redirect; the egress proxy checks the address it leads to.
	["http.followRedirects", "initial"],
	// Without isolation the proxy asks for a password: given at once, not after a refusal.
	["http.proxyAuthMethod", "basic"],
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
