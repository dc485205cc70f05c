import { expect, it } from "vitest";
import { ConfigError, readConfig } from "#server/env.ts";

const folder = process.cwd();

it("has a default for everything", async () => {
	const config = await readConfig({ QUAYSIDE_HOME: "/tmp/home" }, folder);
	expect(config).toMatchObject({
		port: 3000,
		host: "127.0.0.1",
		publicUrl: "http://localhost:3000",
		previewDomain: "localhost",
		builds: 2,
		sandbox: "bubblewrap",
		databaseUrl: null,
		allowPrivateGit: false,
		dev: false,
	});
	expect(config.allowedOrigins).toEqual(["http://localhost:3000", "http://127.0.0.1:3000"]);
	expect([...config.roles]).toEqual(["web", "worker", "edge"]);
});

it.each([
	[{ PORT: "70000" }, "PORT"],
	[{ PORT: "abc" }, "PORT"],
	[{ QUAYSIDE_TOKEN: "short" }, "QUAYSIDE_TOKEN"],
	[{ QUAYSIDE_BUILDS: "0" }, "QUAYSIDE_BUILDS"],
	[{ QUAYSIDE_ROLES: "web,boss" }, "QUAYSIDE_ROLES"],
	[{ QUAYSIDE_PUBLIC_URL: "ftp://x" }, "QUAYSIDE_PUBLIC_URL"],
	[{ QUAYSIDE_ALLOW_PRIVATE_GIT: "maybe" }, "QUAYSIDE_ALLOW_PRIVATE_GIT"],
	[{ HOST: "0.0.0.0" }, "QUAYSIDE_PUBLIC_URL"],
	[{ HOST: "0.0.0.0", QUAYSIDE_PUBLIC_URL: "https://q.example" }, "PREVIEW_DOMAIN"],
	[{ DATABASE_URL: "postgres://u:p@db/q" }, "QUAYSIDE_SECRET"],
	[{ QUAYSIDE_ADMIN_EMAIL: "a@example.com" }, "QUAYSIDE_ADMIN_PASSWORD"],
])("refuses %o and names %s", async (environment, name) => {
	const refused = await readConfig({ QUAYSIDE_HOME: "/tmp/home", ...environment }, folder).catch((error: unknown) => error);
	expect(refused).toBeInstanceOf(ConfigError);
	expect((refused as ConfigError).message).toContain(name);
});

it("does not print its secrets", async () => {
	const config = await readConfig(
		{
			QUAYSIDE_HOME: "/tmp/home",
			QUAYSIDE_TOKEN: "s3cr3t".repeat(6),
			QUAYSIDE_ADMIN_EMAIL: "a@example.com",
			QUAYSIDE_ADMIN_PASSWORD: "s3cr3t password",
		},
		folder,
	);
	expect(JSON.stringify(config)).not.toContain("s3cr3t");
	expect(config.token?.reveal()).toBe("s3cr3t".repeat(6));
});
