import { failed, type Outcome, succeeded } from "../../../lib/protocol/index.ts";

/** Files that usually hold what nobody else should know; no model reads them. */
const secretFile =
	/(?:^|\/)(?:\.env(?!\.(?:example|sample|template)$)(?:\..*)?|\.npmrc|\.netrc|\.pgpass|\.git-credentials|\.htpasswd|credentials(?:\.json)?|id_(?:rsa|dsa|ecdsa|ed25519)|.+\.(?:pem|key|p12|pfx|jks|keystore))$/i;

/** The path a model names, relative to the project; a refusal, with its reason for people, for one that leads anywhere else. */
export function projectPath(path: string): Outcome<string> {
	const shown = path.slice(0, 100);
	const refused = (why: string) => failed({ code: "forbidden", message: `“${shown}” ${why}.` });
	if (path === "" || path.length > 300) return refused("is no path of a file");
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
	if (/[\0-\x1f\\]/.test(path)) return refused("is no path of a file");
	if (/^(?:\/|~|[A-Za-z]:)/.test(path) || path.split("/").includes("..")) return refused("lies outside the project");
	const plain = path
		.split("/")
		.filter((part) => part !== "" && part !== ".")
		.join("/");
	if (plain === "" || /(?:^|\/)\.git(?:\/|$)/i.test(plain)) return refused("is not part of the project");
	return succeeded(plain);
}

/** True for a file whose name says that it holds secrets. */
export function holdsSecrets(path: string): boolean {
	return secretFile.test(path);
}
