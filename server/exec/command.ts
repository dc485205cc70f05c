import { inside, type SandboxHost } from "./layout.ts";
import type { SandboxRun } from "./sandbox.ts";

/** A process to start, as data. */
export interface Command {
	file: string;
	args: readonly string[];
	env: Readonly<Record<string, string>>;
	/** User it runs as; null for the platform's own. */
	user: { uid: number; gid: number } | null;
	/** What bubblewrap reads from descriptor 3; null where it is not used. */
	options: Buffer | null;
	/** What bubblewrap reads from `filterFd`: which system calls are refused; null for none. */
	filter: Buffer | null;
}

/** What `inside/init.mjs` reads from descriptor 4. */
export interface InitSettings {
	argv: readonly string[];
	cwd: string;
	env: Readonly<Record<string, string>>;
	egress: { socket: string; port: number } | null;
	ingress: { fd: number; port: number } | null;
}

/** Descriptor of the listening socket that leads to an app. */
export const ingressFd = 6;
/** Descriptor that bubblewrap reads its seccomp filter from. */
export const filterFd = 7;

export type CommandToRun = Pick<SandboxRun, "argv" | "cwd" | "env" | "network">;

/** Settings of a confined run. The run's own environment wins over the sandbox's. */
export function confinedSettings(host: SandboxHost, run: CommandToRun, ingressPort: number | null): InitSettings {
	const egress = run.network.mode === "egress";
	const proxy = egress ? `http://127.0.0.1:${inside.proxyPort}` : null;
	return {
		argv: run.argv,
		cwd: run.cwd,
		env: { ...sandboxEnv(host, proxy), ...run.env },
		egress: egress ? { socket: inside.egressSocket, port: inside.proxyPort } : null,
		ingress: ingressPort === null ? null : { fd: ingressFd, port: ingressPort },
	};
}

/** What every run finds in its environment unless it says otherwise. `proxy` is the address of the way out, null for none. */
export function sandboxEnv(host: SandboxHost, proxy: string | null): Record<string, string> {
	return {
		PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		HOME: inside.home,
		USER: "app",
		LOGNAME: "app",
		SHELL: "/bin/sh",
		LANG: "C.UTF-8",
		TMPDIR: inside.tmp,
		...(proxy ? proxyEnv(proxy) : {}),
		...(host.extraCa ? authorityEnv : {}),
	};
}

function proxyEnv(proxy: string): Record<string, string> {
	const local = "localhost,127.0.0.1,::1";
	return {
		HTTP_PROXY: proxy,
		HTTPS_PROXY: proxy,
		NO_PROXY: local,
		http_proxy: proxy,
		https_proxy: proxy,
		no_proxy: local,
		npm_config_proxy: proxy,
		npm_config_https_proxy: proxy,
		npm_config_noproxy: local,
		NODE_USE_ENV_PROXY: "1",
	};
}

const authorityEnv: Readonly<Record<string, string>> = {
	NODE_EXTRA_CA_CERTS: inside.extraCa,
	SSL_CERT_FILE: inside.caBundle,
	GIT_SSL_CAINFO: inside.caBundle,
	CURL_CA_BUNDLE: inside.caBundle,
	REQUESTS_CA_BUNDLE: inside.caBundle,
	PIP_CERT: inside.caBundle,
};
