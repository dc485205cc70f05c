import type { Workspace } from "./workspace.ts";

/** Where something that looks like a secret lies; its value is never carried. */
export interface SecretFinding {
	file: string;
	/** From 1; null for a file that should not be in a repository at all. */
	line: number | null;
	/** What it looks like: "a GitHub token". */
	kind: string;
}

export interface SecretScan {
	findings: SecretFinding[];
	filesRead: number;
	/** False when a bound ended the scan early. */
	complete: boolean;
}

const maxFileBytes = 512 * 1024;
const maxTotalBytes = 32 * 1024 * 1024;
const maxFindings = 50;
const maxLineChars = 2000;

const patterns: [RegExp, string][] = [
	[/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, "an AWS access key"],
	[/\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{36}\b|\bgithub_pat_[A-Za-z0-9_]{60,90}\b/, "a GitHub token"],
	[/\bglpat-[A-Za-z0-9_-]{20,}/, "a GitLab token"],
	[/\b(?:sk|rk)_live_[A-Za-z0-9]{16,}/, "a Stripe live key"],
	[/\bsk-ant-[A-Za-z0-9_-]{24,}/, "an Anthropic key"],
	[/\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}/, "an OpenAI key"],
	[/\bAIza[0-9A-Za-z_-]{35}\b/, "a Google API key"],
	[/\bxox[abprs]-[A-Za-z0-9-]{20,}/, "a Slack token"],
	[/\bnpm_[A-Za-z0-9]{36}\b/, "an npm token"],
	[/\bSG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}/, "a SendGrid key"],
	[/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, "a private key"],
	[
		/\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp):\/\/[^\s:/@"']+:(?!(?:password|postgres|secret|changeme|example)@)[^\s:/@"'${}<>]{6,}@(?!localhost|127\.)/i,
		"a database address with a password",
	],
];

/** Files that hold secrets by their nature; examples and templates do not. */
const secretFile = /(?:^|\/)(?:\.env(?:\.(?!example$|sample$|template$|test$|dist$|defaults$)[\w.-]+)?|id_(?:rsa|dsa|ecdsa|ed25519))$/;
const notText =
	/\.(?:png|jpe?g|gif|webp|avif|ico|svg|woff2?|ttf|otf|eot|mp[34]|webm|mov|pdf|zip|gz|tgz|wasm|node|map|lockb?)$|(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock)$/i;

/** Looks for committed secrets. Every bound is fixed, so a huge repository costs seconds at most. */
export async function scanForSecrets(workspace: Workspace, signal: AbortSignal): Promise<SecretScan> {
	const scan: SecretScan = { findings: [], filesRead: 0, complete: true };
	let total = 0;
	for await (const { path, bytes } of workspace.walk()) {
		signal.throwIfAborted();
		if (secretFile.test(path)) scan.findings.push({ file: path, line: null, kind: "a file with secrets" });
		if (bytes === 0 || bytes > maxFileBytes || notText.test(path)) continue;
		if (total + bytes > maxTotalBytes || scan.findings.length >= maxFindings) {
			scan.complete = false;
			break;
		}
		total += bytes;
		scan.filesRead += 1;
		const text = await workspace.read(path, maxFileBytes);
		if (text !== null && !text.slice(0, 4096).includes("\0")) scan.findings.push(...secretsIn(path, text));
	}
	scan.findings.length = Math.min(scan.findings.length, maxFindings);
	return scan;
}

/** What looks like a secret in one text. */
export function secretsIn(file: string, text: string): SecretFinding[] {
	const findings: SecretFinding[] = [];
	for (const [index, line] of text.split("\n").entries()) {
		const kind = patterns.find(([pattern]) => pattern.test(line.slice(0, maxLineChars)))?.[1];
		if (kind !== undefined) findings.push({ file, line: index + 1, kind });
		if (findings.length >= maxFindings) break;
	}
	return findings;
}
