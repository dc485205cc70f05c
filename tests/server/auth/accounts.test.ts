import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SignedIn } from "#lib/services.ts";
import { type Accounts, type AccountsOptions, createAccounts } from "#server/auth/accounts.ts";
import { createLoginLimit } from "#server/auth/login-limit.ts";
import { Secret } from "#server/secrets/secret.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";

const origin = "http://localhost:3000";
const password = "correct horse battery";
const ada = { name: "Ada", email: "Ada@Example.com", password };
const envToken = "Zk3vQ9xL1mWn7TqRb5Yc2Hd8Jf4Gs6Pa";
const address = "192.0.2.7";
const hourMs = 60 * 60 * 1000;

let database: TestDatabase;
let clock: Date;
beforeAll(async () => {
	database = await startTestDatabase();
}, 60_000);
afterAll(() => database.stop());
beforeEach(async () => {
	clock = new Date("2030-01-01T00:00:00Z");
	await database.db.deleteFrom("users").execute();
	await database.db.deleteFrom("meta").execute();
});

function open(options: Partial<AccountsOptions> = {}): Accounts {
	return createAccounts({
		db: database.db,
		publicUrl: origin,
		allowedOrigins: [],
		token: null,
		log: silentLog,
		now: () => clock,
		...options,
	});
}

const pass = (ms: number) => {
	clock = new Date(clock.getTime() + ms);
};

async function secretOf(accounts: Accounts): Promise<string> {
	const link = await accounts.createSetupLink();
	return new URL(link ?? "").hash.slice(1);
}

async function setUp(accounts: Accounts): Promise<SignedIn> {
	return accounts.setup({ ...ada, secret: await secretOf(accounts) });
}

/** Headers of a browser that keeps these cookies. */
function browser({ setCookies }: SignedIn, more: Record<string, string> = {}): Headers {
	return new Headers({ cookie: setCookies.map((cookie) => cookie.split(";")[0]).join("; "), ...more });
}

const whoIs = (accounts: Accounts, headers: Headers, method = "GET") => accounts.authenticate({ method, headers });
const bearer = (token: string) => new Headers({ authorization: `Bearer ${token}` });
const refusal = (code: string) => expect.objectContaining({ code });

describe("set-up", () => {
	it("makes the administrator and signs in", async () => {
		const accounts = open();
		expect(await accounts.needsSetup()).toBe(true);
		const signedIn = await setUp(accounts);
		expect(signedIn.user).toMatchObject({ email: "ada@example.com", name: "Ada", role: "admin" });
		expect(await accounts.needsSetup()).toBe(false);
		expect((await whoIs(accounts, browser(signedIn)))?.user).toEqual(signedIn.user);
	});

	it("keeps neither the secret, nor the password, nor the session in clear", async () => {
		const accounts = open();
		const secret = await secretOf(accounts);
		const before = JSON.stringify(await database.db.selectFrom("meta").selectAll().execute());
		const signedIn = await accounts.setup({ ...ada, secret });
		const session = signedIn.setCookies[0]?.match(/=([\w-]{43});/)?.[1] ?? "";
		const after = JSON.stringify([
			await database.db.selectFrom("users").selectAll().execute(),
			await database.db.selectFrom("sessions").selectAll().execute(),
		]);
		expect(session).not.toBe("");
		for (const hidden of [secret, password, session]) expect(before + after).not.toContain(hidden);
	});

	it("happens once, also when two try at the same moment", async () => {
		const accounts = open();
		const secret = await secretOf(accounts);
		const tries = await Promise.allSettled([1, 2, 3].map((n) => accounts.setup({ ...ada, email: `${n}@example.com`, secret })));
		expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		for (const tried of tries) if (tried.status === "rejected") expect(tried.reason).toEqual(refusal("setup_expired"));
		expect(await database.db.selectFrom("users").selectAll().execute()).toHaveLength(1);
		await expect(accounts.setup({ ...ada, secret })).rejects.toEqual(refusal("setup_expired"));
		expect(await accounts.createSetupLink()).toBeNull();
	});

	it("refuses a wrong secret, an old one, and one that was replaced at the next start", async () => {
		const accounts = open();
		await expect(accounts.setup({ ...ada, secret: "guess" })).rejects.toEqual(refusal("setup_expired"));
		const first = await secretOf(accounts);
		const second = await secretOf(open());
		await expect(accounts.setup({ ...ada, secret: first })).rejects.toEqual(refusal("setup_expired"));
		pass(24 * hourMs);
		await expect(accounts.setup({ ...ada, secret: second })).rejects.toEqual(refusal("setup_expired"));
		expect(await accounts.needsSetup()).toBe(true);
	});

	it("can come from the environment, once", async () => {
		const accounts = open();
		await accounts.createAdmin({ email: "root@example.com", password: new Secret(password) });
		await accounts.createAdmin({ email: "other@example.com", password: new Secret(password) });
		expect((await accounts.login({ email: "root@example.com", password, address })).user.role).toBe("admin");
		await expect(accounts.login({ email: "other@example.com", password, address })).rejects.toEqual(refusal("invalid_credentials"));
	});

	it.each([
		["root@example.com", "short", "QUAYSIDE_ADMIN_PASSWORD"],
		["root", password, "QUAYSIDE_ADMIN_EMAIL"],
	])("refuses %s with %s from the environment and names %s", async (email, given, variable) => {
		await expect(open().createAdmin({ email, password: new Secret(given) })).rejects.toThrow(variable);
	});
});

describe("login", () => {
	it("answers a session in a cookie that scripts and other hosts cannot have", async () => {
		const accounts = open();
		await setUp(accounts);
		const { setCookies } = await accounts.login({ email: " ADA@example.com ", password, address });
		expect(setCookies).toHaveLength(1);
		expect(setCookies[0]).toMatch(/^quayside_session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
	});

	it("answers a __Host- cookie over https", async () => {
		const accounts = open({ publicUrl: "https://quayside.example.com" });
		const { setCookies } = await setUp(accounts);
		expect(setCookies[0]).toMatch(/^__Host-quayside_session=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
	});

	it("says the same of a wrong password and of an unknown email", async () => {
		const accounts = open();
		await setUp(accounts);
		for (const email of [ada.email, "nobody@example.com"]) {
			await expect(accounts.login({ email, password: "wrong", address })).rejects.toEqual(refusal("invalid_credentials"));
		}
	});

	it("is refused after too many failures from one address, also with the right password, and not from another", async () => {
		const accounts = open({ loginLimit: createLoginLimit({ pair: 3, address: 5, email: 100 }) });
		await setUp(accounts);
		for (let n = 0; n < 3; n++)
			await expect(accounts.login({ email: ada.email, password: "wrong", address })).rejects.toEqual(refusal("invalid_credentials"));
		await expect(accounts.login({ email: ada.email, password, address })).rejects.toEqual(refusal("rate_limited"));
		await expect(accounts.login({ email: "b@example.com", password, address })).rejects.toEqual(refusal("invalid_credentials"));
		await expect(accounts.login({ email: "c@example.com", password, address })).rejects.toEqual(refusal("invalid_credentials"));
		await expect(accounts.login({ email: "d@example.com", password, address })).rejects.toEqual(refusal("rate_limited"));
		expect((await accounts.login({ email: ada.email, password, address: "192.0.2.8" })).user.name).toBe("Ada");
	});

	it("works on a few passwords at a time and refuses a flood", async () => {
		const accounts = open({ loginLimit: createLoginLimit({ pair: 1000, address: 1000, email: 1000 }) });
		const tries = await Promise.allSettled(Array.from({ length: 40 }, () => accounts.login({ email: ada.email, password, address })));
		const codes = tries.map((tried) => (tried.status === "rejected" ? tried.reason.code : "ok"));
		expect(codes.filter((code) => code === "rate_limited").length).toBeGreaterThan(0);
		expect(codes.filter((code) => code === "invalid_credentials").length).toBeGreaterThanOrEqual(22);
	}, 30_000);
});

describe("a session", () => {
	it("ends with its time", async () => {
		const accounts = open();
		const signedIn = await setUp(accounts);
		pass(30 * 24 * hourMs - 1);
		expect(await whoIs(accounts, browser(signedIn))).not.toBeNull();
		pass(1);
		expect(await whoIs(accounts, browser(signedIn))).toBeNull();
	});

	it("ends with logout, and only that one", async () => {
		const accounts = open();
		const here = await setUp(accounts);
		const there = await accounts.login({ email: ada.email, password, address });
		expect(await accounts.logout(browser(here))).toEqual(["quayside_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"]);
		expect(await whoIs(accounts, browser(here))).toBeNull();
		expect(await whoIs(accounts, browser(there))).not.toBeNull();
	});

	it("is found beside a cookie that another host has planted", async () => {
		const accounts = open();
		const [cookie] = (await setUp(accounts)).setCookies;
		const planted = `quayside_session=${"x".repeat(43)}; quayside_session=short; ${cookie?.split(";")[0]}`;
		expect(await whoIs(accounts, new Headers({ cookie: planted }))).not.toBeNull();
	});

	it("is one of at most fifty", async () => {
		const accounts = open();
		const oldest = await setUp(accounts);
		const user = await database.db.selectFrom("users").select("id").executeTakeFirstOrThrow();
		const rows = Array.from({ length: 60 }, (_, n) => ({
			token_hash: `${n}`,
			user_id: user.id,
			created_at: new Date(clock.getTime() + n + 1),
			expires_at: new Date(clock.getTime() + hourMs),
		}));
		await database.db.insertInto("sessions").values(rows).execute();
		pass(1000);
		await accounts.login({ email: ada.email, password, address });
		expect(await database.db.selectFrom("sessions").selectAll().execute()).toHaveLength(50);
		expect(await whoIs(accounts, browser(oldest))).toBeNull();
	});
});

describe("where a request comes from", () => {
	it.each([
		["our origin", { origin }, true],
		["an allowed origin", { origin: "https://quay.example" }, true],
		["no origin, but the same site", { "sec-fetch-site": "same-origin" }, true],
		["another origin", { origin: "https://evil.example" }, false],
		["the same host on another port", { origin: "http://localhost:3001" }, false],
		["a preview", { origin: "http://shop.localhost:3000" }, false],
		["a sandboxed frame", { origin: "null" }, false],
		["another origin that lies about its site", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }, false],
		["a neighbouring site", { "sec-fetch-site": "same-site" }, false],
		["nowhere", {}, false],
	] as [string, Record<string, string>, boolean][])("a change from %s", async (_, headers, allowed) => {
		const accounts = open({ allowedOrigins: ["https://quay.example"] });
		const signedIn = await setUp(accounts);
		const answer = whoIs(accounts, browser(signedIn, headers), "POST");
		if (allowed) expect(await answer).not.toBeNull();
		else await expect(answer).rejects.toEqual(refusal("foreign_origin"));
		expect(await whoIs(accounts, browser(signedIn, headers), "GET")).not.toBeNull();
	});

	it("does not matter for a token", async () => {
		const accounts = open();
		const { token } = await accounts.createToken(await principalOf(accounts), { name: "ci", expiresInDays: null });
		const headers = bearer(token);
		headers.set("origin", "https://evil.example");
		expect(await whoIs(accounts, headers, "POST")).not.toBeNull();
	});
});

async function principalOf(accounts: Accounts) {
	const signedIn = await setUp(accounts);
	const principal = await whoIs(accounts, browser(signedIn));
	if (!principal) throw new Error("not signed in");
	return principal;
}

describe("an API token", () => {
	it("acts for its owner, is shown once, and is stored as a hash", async () => {
		const accounts = open();
		const principal = await principalOf(accounts);
		const { token, view } = await accounts.createToken(principal, { name: "ci", expiresInDays: null });
		expect(token).toMatch(/^qs_[\w-]{43}$/);
		expect(await whoIs(accounts, bearer(token), "POST")).toEqual({
			user: principal.user,
			via: "token",
			expiresAt: null,
			mayApprove: false,
		});
		const [listed] = await accounts.listTokens(principal);
		expect(listed).toEqual({ ...view, lastUsedAt: clock.toISOString() });
		expect(JSON.stringify(await database.db.selectFrom("api_tokens").selectAll().execute())).not.toContain(token.slice(3));
	});

	it("is worth nothing once it is revoked, or its time is over, or it is changed", async () => {
		const accounts = open();
		const principal = await principalOf(accounts);
		const brief = await accounts.createToken(principal, { name: "brief", expiresInDays: 1 });
		const revoked = await accounts.createToken(principal, { name: "revoked", expiresInDays: null });
		await accounts.revokeToken(principal, revoked.view.id);
		expect(await whoIs(accounts, bearer(revoked.token))).toBeNull();
		expect(await whoIs(accounts, bearer(`${brief.token}x`))).toBeNull();
		expect((await whoIs(accounts, bearer(brief.token)))?.expiresAt).toBe("2030-01-02T00:00:00.000Z");
		pass(24 * hourMs);
		expect(await whoIs(accounts, bearer(brief.token))).toBeNull();
	});

	it("of somebody else can be neither seen nor revoked", async () => {
		const accounts = open();
		const admin = await principalOf(accounts);
		const { view } = await accounts.createToken(admin, { name: "ci", expiresInDays: null });
		await accounts.createUser(admin, { email: "bob@example.com", name: "Bob", password });
		const bob = { ...admin, user: (await accounts.login({ email: "bob@example.com", password, address })).user };
		expect(await accounts.listTokens(bob)).toEqual([]);
		await expect(accounts.revokeToken(bob, view.id)).rejects.toEqual(refusal("not_found"));
		expect(await accounts.listTokens(admin)).toHaveLength(1);
	});

	it("counts before a cookie: a wrong one is nobody", async () => {
		const accounts = open();
		const headers = browser(await setUp(accounts), { authorization: "Bearer nonsense" });
		expect(await whoIs(accounts, headers)).toBeNull();
	});
});

describe("the token of the environment", () => {
	it("acts as the administrator", async () => {
		const accounts = open({ token: new Secret(envToken) });
		const { user } = await setUp(accounts);
		expect(await whoIs(accounts, bearer(envToken), "POST")).toEqual({ user, via: "token", expiresAt: null, mayApprove: true });
		expect(await whoIs(accounts, bearer(`${envToken.slice(0, -1)}b`))).toBeNull();
	});

	it("works before set-up, and the first account takes over what it made", async () => {
		const accounts = open({ token: new Secret(envToken) });
		const [first, second] = await Promise.all([whoIs(accounts, bearer(envToken)), whoIs(accounts, bearer(envToken))]);
		expect(first?.user).toEqual(second?.user);
		expect(await accounts.needsSetup()).toBe(true);
		const { user } = await setUp(accounts);
		expect(user).toMatchObject({ id: first?.user.id, email: "ada@example.com" });
		expect((await whoIs(accounts, bearer(envToken)))?.user).toEqual(user);
	});

	it("is refused when it is weak, without being repeated", () => {
		const weak = "changeme-changeme-changeme-changeme";
		expect(() => open({ token: new Secret(weak) })).toThrow(refusal("misconfigured"));
		expect(() => open({ token: new Secret(weak) })).not.toThrow(weak);
	});
});

describe("members", () => {
	it("are made by an administrator only", async () => {
		const accounts = open();
		const admin = await principalOf(accounts);
		const user = await accounts.createUser(admin, { email: "Bob@example.com", name: "Bob", password });
		expect(user).toMatchObject({ email: "bob@example.com", role: "member" });
		const bob = { ...admin, user };
		await expect(accounts.createUser(bob, { email: "eve@example.com", name: "Eve", password })).rejects.toEqual(refusal("forbidden"));
		await expect(accounts.listUsers(bob)).rejects.toEqual(refusal("forbidden"));
		await expect(accounts.createUser(admin, { email: "BOB@example.com", name: "Bob", password })).rejects.toEqual(refusal("name_taken"));
		expect((await accounts.listUsers(admin)).map(({ name }) => name)).toEqual(["Ada", "Bob"]);
	});
});
