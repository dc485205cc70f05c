import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { AppError } from "#lib/errors.ts";
import { isConnectionBroken } from "#server/db/broken.ts";
import { openClient } from "#server/db/connection.ts";
import { withRetries } from "#server/db/retry.ts";

const withCode = (code: string) => Object.assign(new Error(code), { code });

it.each(["57P01", "57P02", "57P03", "08006", "08P01", "53300", "ECONNRESET", "EPIPE"])("takes %s for a broken connection", (code) => {
	expect(isConnectionBroken(withCode(code))).toBe(true);
});

it.each(["23505", "42P01", "22P05", "53100", "ENOSPC"])("takes %s for a failure of the work", (code) => {
	expect(isConnectionBroken(withCode(code))).toBe(false);
});

it("tells a missing socket from a missing file", async () => {
	const client = openClient({ host: "/nonexistent", user: "u", database: "d" });
	expect(isConnectionBroken(await client.connect().catch((error: unknown) => error))).toBe(true);
	expect(isConnectionBroken(await readFile("/nonexistent/file").catch((error: unknown) => error))).toBe(false);
});

it("knows nothing listening on any address of a name, and causes and our own words for it", () => {
	expect(isConnectionBroken(new AggregateError([withCode("ECONNREFUSED")]))).toBe(true);
	expect(isConnectionBroken(new Error("outer", { cause: withCode("57P01") }))).toBe(true);
	expect(isConnectionBroken(new AppError("database_unavailable"))).toBe(true);
	expect(isConnectionBroken(new AppError("not_found"))).toBe(false);
	expect(isConnectionBroken("57P01")).toBe(false);
});

it("says that the disk is full at once", async () => {
	let tries = 0;
	const work = async () => {
		tries++;
		throw withCode("53100");
	};
	await expect(withRetries(work, { forMs: 10_000 })).rejects.toMatchObject({ code: "disk_full" });
	expect(tries).toBe(1);
});

it("stops trying when it is told to", async () => {
	const stopping = new AbortController();
	const work = async () => {
		stopping.abort();
		throw withCode("57P03");
	};
	await expect(withRetries(work, { forMs: 60_000, signal: stopping.signal })).rejects.toMatchObject({ code: "database_unavailable" });
});
