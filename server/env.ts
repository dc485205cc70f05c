import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { Secret } from "./secrets/secret.ts";

/** The settings of this process, read once from the environment. Nothing else reads it. */
export interface Config {
	port: number;
	host: string;
	/** Where people reach the dashboard, without a trailing slash. */
	publicUrl: string;
	/** Exact origins that may change something. */
	allowedOrigins: readonly string[];
	/** Addresses of reverse proxies whose `X-Forwarded-For` is believed. */
	trustedProxies: readonly string[];
	/** Previews answer at `<slug>.<previewDomain>`. */
	previewDomain: string;
	home: string;
	databaseUrl: Secret | null;
	secret: Secret | null;
	token: Secret | null;
	admin: { email: string; password: Secret } | null;
	allowPrivateGit: boolean;
	/** Stage attempts at a time on this node. */
	builds: number;
	/** What sources, build results and uploads may take on the disk, in GB. */
	resultsGb: number;
	roles: ReadonlySet<Role>;
	/** `none` lets an admin build without isolation where bubblewrap cannot work. */
	sandbox: "bubblewrap" | "none";
	registryUrl: string;
	/** Package registries of one's own, as `host` or `host:port`, that builds may reach on private addresses. */
	registryHosts: readonly string[];
	extraCaFile: string | null;
	/** Where npm is looked for: its own word for its program, then these folders. */
	npmExecPath: string | null;
	path: string;
	dev: boolean;
	/** Null: everything, or what needs a look where a person sits at the terminal. */
	logLevel: string | null;
}

export const roles = ["web", "worker", "edge"] as const;
export type Role = (typeof roles)[number];

const flag = z
	.enum(["0", "1", "true", "false", "on", "off", ""])
	.default("")
	.transform((value) => value === "1" || value === "true" || value === "on");
const list = z
	.string()
	.default("")
	.transform((text) =>
		text
			.split(",")
			.map((item) => item.trim())
			.filter(Boolean),
	);
function whole(min: number, max: number) {
	const error = `is a whole number from ${min} to ${max}`;
	return z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}
const origin = z.url({ protocol: /^https?$/ }).transform((text) => new URL(text).origin);

const schema = z.object({
	NODE_ENV: z.string().default("production"),
	PORT: whole(0, 65_535).default(3000),
	HOST: z.string().min(1).default("127.0.0.1"),
	QUAYSIDE_PUBLIC_URL: origin.optional(),
	QUAYSIDE_ALLOWED_ORIGINS: list.pipe(z.array(origin)),
	QUAYSIDE_TRUSTED_PROXIES: list.pipe(z.array(z.union([z.ipv4(), z.ipv6()], "is a list of addresses"))),
	PREVIEW_DOMAIN: z
		.string()
		.regex(/^[a-z0-9.-]+$/, "is a host name")
		.optional(),
	QUAYSIDE_HOME: z.string().min(1).optional(),
	DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
	QUAYSIDE_SECRET: z.string().optional(),
	QUAYSIDE_TOKEN: z.string().min(32, "needs at least 32 characters").optional(),
	QUAYSIDE_ADMIN_EMAIL: z.email().optional(),
	QUAYSIDE_ADMIN_PASSWORD: z.string().min(12, "needs at least 12 characters").optional(),
	QUAYSIDE_ALLOW_PRIVATE_GIT: flag,
	QUAYSIDE_REGISTRY_HOSTS: list.pipe(
		z.array(
			z
				.string()
				.toLowerCase()
				.regex(/^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/, "is a list of hosts, each with or without a port"),
		),
	),
	QUAYSIDE_BUILDS: whole(1, 64).default(2),
	QUAYSIDE_RESULTS_GB: whole(1, 100_000).default(20),
	QUAYSIDE_ROLES: z
		.string()
		.default(roles.join(","))
		.transform((text) => text.split(",").map((role) => role.trim()))
		.pipe(z.array(z.enum(roles)).min(1)),
	QUAYSIDE_SANDBOX: z.enum(["bubblewrap", "none"]).default("bubblewrap"),
	QUAYSIDE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).optional(),
	npm_config_registry: z.url().default("https://registry.npmjs.org/"),
	NODE_EXTRA_CA_CERTS: z.string().optional(),
	npm_execpath: z.string().optional(),
	PATH: z.string().default(""),
});

/** A setting that cannot be used; the message names the variable and says what to do. */
export class ConfigError extends Error {}

/**
 * Reads the settings from an environment (`process.env` by default) for a checkout at `folder`.
 * Throws `ConfigError` for every value that cannot be used, all at once.
 */
export async function readConfig(environment: Record<string, string | undefined> = process.env, folder = process.cwd()): Promise<Config> {
	const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
	const parsed = schema.safeParse(present);
	if (!parsed.success)
		throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`).join("\n"));
	const env = parsed.data;
	requireReachable(env);
	const publicUrl = env.QUAYSIDE_PUBLIC_URL ?? `http://localhost:${env.PORT}`;
	return {
		port: env.PORT,
		host: env.HOST,
		publicUrl,
		allowedOrigins: [
			...new Set([publicUrl, ...env.QUAYSIDE_ALLOWED_ORIGINS, ...(isLoopback(env.HOST) ? [`http://127.0.0.1:${env.PORT}`] : [])]),
		],
		trustedProxies: env.QUAYSIDE_TRUSTED_PROXIES,
		previewDomain: env.PREVIEW_DOMAIN ?? "localhost",
		home: env.QUAYSIDE_HOME ? resolve(folder, env.QUAYSIDE_HOME) : await defaultHome(folder),
		databaseUrl: secretOrNull(env.DATABASE_URL),
		secret: secretOrNull(env.QUAYSIDE_SECRET),
		token: secretOrNull(env.QUAYSIDE_TOKEN),
		admin:
			env.QUAYSIDE_ADMIN_EMAIL && env.QUAYSIDE_ADMIN_PASSWORD
				? { email: env.QUAYSIDE_ADMIN_EMAIL, password: new Secret(env.QUAYSIDE_ADMIN_PASSWORD) }
				: null,
		allowPrivateGit: env.QUAYSIDE_ALLOW_PRIVATE_GIT,
		builds: env.QUAYSIDE_BUILDS,
		resultsGb: env.QUAYSIDE_RESULTS_GB,
		roles: new Set(env.QUAYSIDE_ROLES),
		sandbox: env.QUAYSIDE_SANDBOX,
		registryUrl: env.npm_config_registry,
		registryHosts: env.QUAYSIDE_REGISTRY_HOSTS,
		extraCaFile: env.NODE_EXTRA_CA_CERTS ?? null,
		npmExecPath: env.npm_execpath ?? null,
		path: env.PATH,
		dev: env.NODE_ENV === "development",
		logLevel: env.QUAYSIDE_LOG_LEVEL ?? null,
	};
}

/** True for a HOST that only this machine can reach. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function requireReachable(env: z.infer<typeof schema>): void {
	const problems: string[] = [];
	if (!isLoopback(env.HOST)) {
		if (!env.QUAYSIDE_PUBLIC_URL) problems.push("QUAYSIDE_PUBLIC_URL: set the address people open when HOST is not this machine alone.");
		if (!env.PREVIEW_DOMAIN)
			problems.push(
				"PREVIEW_DOMAIN: set a domain for previews when HOST is not this machine alone; *.localhost is the visitor's own machine.",
			);
	}
	if (env.DATABASE_URL && !env.QUAYSIDE_SECRET) problems.push("QUAYSIDE_SECRET: is required together with DATABASE_URL.");
	if (!!env.QUAYSIDE_ADMIN_EMAIL !== !!env.QUAYSIDE_ADMIN_PASSWORD)
		problems.push("QUAYSIDE_ADMIN_EMAIL and QUAYSIDE_ADMIN_PASSWORD: set both or neither.");
	if (problems.length > 0) throw new ConfigError(problems.join("\n"));
}

/**
 * `./data`, unless the database's own system user could not get there: then a folder of this checkout's own under
 * `/var/lib/quayside`.
 */
async function defaultHome(folder: string): Promise<string> {
	const local = resolve(folder, "data");
	if (process.getuid?.() !== 0 || (await othersMayEnter(folder))) return local;
	const hash = createHash("sha256").update(folder).digest("hex").slice(0, 8);
	return join("/var/lib/quayside", `${basename(folder)}-${hash}`);
}

async function othersMayEnter(folder: string): Promise<boolean> {
	const { mode } = await stat(folder);
	if ((mode & 0o001) === 0) return false;
	const parent = dirname(folder);
	return parent === folder ? true : othersMayEnter(parent);
}

const secretOrNull = (value: string | undefined): Secret | null => (value ? new Secret(value) : null);
