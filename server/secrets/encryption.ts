import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "../../lib/errors.ts";
import type { Secret } from "./secret.ts";

/**
 * Encryption of values at rest. `purpose` and `rowId` are bound to the value, so that one copied to another row or column
 * does not open there.
 */
export interface Encryption {
	seal(purpose: string, rowId: string, plaintext: string): Buffer;
	/** Throws `misconfigured` when the value was sealed with another secret, for another place, or was changed. */
	open(purpose: string, rowId: string, sealed: Uint8Array): string;
	/** The same for the same secret and nothing else; tells nothing about it. Kept in the database to recognise a wrong secret. */
	readonly checkValue: string;
	/** The same for the same text and nothing else: tells whether a value has changed to somebody who must not know the value. */
	fingerprint(text: string): string;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + nonceBytes + tagBytes;

/** AES-256-GCM with a random nonce for every value, under a key derived from the instance's secret (HKDF-SHA-256). */
export function createEncryption(secret: Secret): Encryption {
	const key = derive(secret, "quayside/encryption/1");
	const fingerprintKey = derive(secret, "quayside/fingerprint/1");
	return {
		checkValue: derive(secret, "quayside/check/1").toString("hex"),
		fingerprint: (text) => createHmac("sha256", fingerprintKey).update(text).digest("hex"),
		seal(purpose, rowId, plaintext) {
			const nonce = randomBytes(nonceBytes);
			const cipher = createCipheriv("aes-256-gcm", key, nonce);
			cipher.setAAD(place(purpose, rowId));
			const body = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
			return Buffer.concat([Uint8Array.of(version), nonce, cipher.getAuthTag(), body]);
		},
		open(purpose, rowId, sealed) {
			const bytes = Buffer.from(sealed);
			if (bytes.length < headerBytes || bytes[0] !== version) throw unreadable(purpose);
			const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes });
			decipher.setAAD(place(purpose, rowId));
			decipher.setAuthTag(bytes.subarray(1 + nonceBytes, headerBytes));
			try {
				return decipher.update(bytes.subarray(headerBytes), undefined, "utf8") + decipher.final("utf8");
			} catch (cause) {
				throw unreadable(purpose, cause);
			}
		},
	};
}

/** 32 bytes for one use of the instance's secret. Also for signing keys of other parts: name the use. */
export function derive(secret: Secret, use: string): Buffer {
	return Buffer.from(hkdfSync("sha256", secret.reveal(), new Uint8Array(0), use, 32));
}

function place(purpose: string, rowId: string): Buffer {
	return Buffer.from(JSON.stringify([purpose, rowId]), "utf8");
}

function unreadable(purpose: string, cause?: unknown): AppError {
	return new AppError("misconfigured", {
		message: "A stored secret cannot be read with the secret of this instance.",
		action: "Start Quayside with the QUAYSIDE_SECRET it was set up with, or enter the value again.",
		detail: `cannot open a value sealed for ${purpose}`,
		cause,
	});
}
