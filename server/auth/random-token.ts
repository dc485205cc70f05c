import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits that nobody guesses, with a prefix by which people and scanners recognise what it is. */
export function randomToken(prefix = ""): string {
	return prefix + randomBytes(32).toString("base64url");
}

/** What is stored in place of a random token. The token has 256 random bits, so a fast hash without salt is enough. */
export function hashToken(token: string): string {
	return createHash("sha256").update(token, "utf8").digest("base64url");
}

/** Compares in a time that does not depend on where the tokens differ, or on their lengths. */
export function isSameToken(one: string, other: string): boolean {
	return timingSafeEqual(Buffer.from(hashToken(one)), Buffer.from(hashToken(other)));
}
