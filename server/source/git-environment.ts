import type { GitAddress } from "../../lib/protocol/index.ts";
import { endingNode, inside } from "../exec/layout.ts";
import type { Secret } from "../secrets/secret.ts";
import type { CloneRequest } from "./clone-request.ts";
import { knownHostOf, type SshAccess } from "./known-hosts.ts";

/** Inside the sandbox; holds the programs below and what ssh learns. */
const home = "/workspace/home";

export const cloneProgram = `${home}/clone`;
export const checkoutProgram = `${home}/checkout`;
export const lfsProgram = `${home}/lfs`;
export const stageProgram = `${home}/stage`;
export const tipProgram = `${home}/tip`;
export const submodulesProgram = `${home}/submodules`;

/** Files in the home of a clone: host keys that are expected, and the public half of the project's key. */
export const knownHostsFile = "known_hosts";
export const publicKeyFile = "deploy_key.pub";

/**
 * Small programs of a clone, most of them for git to start. Constant text: addresses reach them as arguments. The private key goes
 * from the environment into an agent of this one connection, never into a file; `-v` names the host key that the server shows.
 */
export const gitPrograms: Readonly<Record<string, string>> = {
	connect: `#!/bin/sh
exec "$QUAYSIDE_NODE" ${endingNode.join(" ")} "$QUAYSIDE_CONNECT" "$@"
`,
	// checkout GIT TREE REVISION MAX_FILES MAX_BYTES: sizes are added up before any file is written, so that a small pack cannot fill the disk.
	checkout: `#!/bin/sh
set -eu
export GIT_DIR="$1" GIT_WORK_TREE="$2"
shift 2
git log -1 --decorate=full --format='commit %H%nnames %D%nsubject %s' "$1^{commit}" --
set -- "$1" "$2" "$3" $(git ls-tree -r -l --full-tree "$1" | awk '{ n += 1; b += $4 } END { printf "%d %.0f", n, b }')
echo "size $4 $5"
if [ "$4" -le "$2" ] && [ "$5" -le "$3" ]; then
	git checkout --force --quiet --detach "$1"
fi
`,
	// clone GIT TREE MAX_FILES MAX_BYTES ARGUMENTS…: secrets are forgotten before anything of the repository is looked at.
	clone: `#!/bin/sh
set -eu
into="$1" tree="$2" files="$3" bytes="$4"
shift 4
git clone "$@"
unset QUAYSIDE_GIT_USER QUAYSIDE_GIT_TOKEN QUAYSIDE_SSH_KEY
exec "$HOME/checkout" "$into" "$tree" HEAD "$files" "$bytes"
`,
	// submodules GIT REVISION: the commits that are recorded, and behind a NUL what .gitmodules says of them.
	submodules: `#!/bin/sh
set -eu
export GIT_DIR="$1"
git -c core.quotePath=false ls-tree -r --full-tree "$2" | awk '$1 == "160000"'
printf '\\0'
git config --blob "$2:.gitmodules" -z --get-regexp '^submodule\\..*\\.(path|url)$' || true
`,
	// stage GIT TREE: makes the bare repository of a push and puts all files of the folder into it; prints the tree they make.
	stage: `#!/bin/sh
set -eu
git init --quiet --bare "$1"
export GIT_DIR="$PWD/$1" GIT_WORK_TREE="$PWD/$2"
cd "$2"
git add --all --force
git write-tree
`,
	// tip GIT: the commit that was fetched, its id in the first line.
	tip: `#!/bin/sh
set -eu
export GIT_DIR="$1"
git rev-parse FETCH_HEAD
git cat-file commit FETCH_HEAD
`,
	// lfs GIT TREE ADDRESS: the address wins over what the repository's own .lfsconfig says.
	lfs: `#!/bin/sh
set -eu
command -v git-lfs > /dev/null || exit 0
export GIT_DIR="$1" GIT_WORK_TREE="$2"
git config remote.origin.url "$3"
git config lfs.url "\${3%.git}.git/info/lfs"
git config core.bare false
# Without it git-lfs takes itself for not set up, and writes nothing.
git config filter.lfs.clean "git-lfs clean -- %f"
git lfs pull origin
`,
	ssh: `#!/bin/sh
set -eu
set -- -v -F none -o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking="$QUAYSIDE_HOST_KEYS" -o UpdateHostKeys=no \\
	-o GlobalKnownHostsFile=/dev/null -o UserKnownHostsFile="$HOME/${knownHostsFile}" -o HashKnownHosts=no \\
	-o IdentitiesOnly=yes -o ForwardAgent=no -o ProxyCommand="$HOME/connect %h %p" "$@"
if [ -z "\${QUAYSIDE_SSH_KEY-}" ]; then
	exec ssh -o IdentityFile=none -o IdentityAgent=none "$@"
fi
exec ssh-agent "$HOME/ssh-with-key" -o IdentityFile="$HOME/${publicKeyFile}" "$@"
`,
	"ssh-with-key": `#!/bin/sh
set -eu
printf '%s\\n' "$QUAYSIDE_SSH_KEY" | ssh-add -q -
unset QUAYSIDE_SSH_KEY
exec ssh "$@"
`,
};

/**
 * The whole environment of a git command. Configuration travels here as well, because arguments are visible to others and
 * files stay behind. `access` is given to commands that talk to the server.
 */
export function gitEnvironment(address: GitAddress, access: Pick<CloneRequest, "token" | "ssh"> | null): Record<string, string> {
	const token = access?.token ?? null;
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
		...(access && address.transport === "ssh" ? sshEnvironment(address, access.ssh) : {}),
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

/** A server that was met before must show the same key; one that is new is believed once. */
function sshEnvironment(address: GitAddress, { key, knownHosts }: SshAccess): Record<string, string> {
	const isKnown = knownHosts.some(({ host }) => host === knownHostOf(address));
	return {
		QUAYSIDE_HOST_KEYS: isKnown ? "yes" : "accept-new",
		...(key ? { QUAYSIDE_SSH_KEY: key.privateKey.reveal().trim() } : {}),
	};
}

/** Scoped to the server that was asked for: after a redirect to another one git finds no credentials. */
function credentialConfig({ transport, host, port }: GitAddress): [string, string][] {
	if (transport !== "https" && transport !== "http") return [];
	const authority = `${host.includes(":") ? `[${host}]` : host}${port === null ? "" : `:${port}`}`;
	const helper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$QUAYSIDE_GIT_USER" "$QUAYSIDE_GIT_TOKEN"; }; f`;
	return [[`credential.${transport}://${authority}.helper`, helper]];
}

/** What git logs in with. A token may be given as `user:token` where a server insists on the user's name. */
export function loginOf(token: Secret): { user: string | null; password: string } {
	const [first = "", ...rest] = token.reveal().split(":");
	return rest.length > 0 ? { user: first, password: rest.join(":") } : { user: null, password: first };
}

function credentials({ host }: GitAddress, token: Secret): Record<string, string> {
	const { user, password } = loginOf(token);
	const users: Record<string, string> = { "github.com": "x-access-token", "bitbucket.org": "x-token-auth" };
	return { QUAYSIDE_GIT_USER: user ?? users[host] ?? "oauth2", QUAYSIDE_GIT_TOKEN: password };
}
