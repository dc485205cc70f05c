import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { createTurns } from "../../lib/turns.ts";

/** Cost of a guess: 32 MiB and about 0.2 s, one of the settings of OWASP's Password Storage Cheat Sheet. */
const cost = { logN: 15, r: 8, p: 3 };
const keyBytes = 32;

export interface Passwords {
	/** `scrypt$logN$r$p$salt$key`, with salt and key in base64url. */
	hash(password: string): Promise<string>;
	/** True when the password belongs to the hash. With null it works as long and answers false, so that timing tells no account. */
	verify(password: string, hash: string | null): Promise<boolean>;
}

/**
 * Password hashing that cannot take the process down: at most two guesses are worked on at a time, twenty wait, and the rest
 * is refused with `rate_limited`.
 */
export function createPasswords(): Passwords {
	const inTurn = createTurns({ atOnce: 2, maxWaiting: 20 });

	return {
		async hash(password) {
			const salt = randomBytes(16);
			const { logN, r, p } = cost;
			const key = await inTurn(() => derive(password, salt, { N: 2 ** logN, r, p }));
			return ["scrypt", logN, r, p, salt.toString("base64url"), key.toString("base64url")].join("$");
		},
		async verify(password, hash) {
			const [, logN, r, p, salt = "", key = ""] = (hash ?? nobody).split("$");
			const actual = await inTurn(() =>
				derive(password, Buffer.from(salt, "base64url"), { N: 2 ** Number(logN), r: Number(r), p: Number(p) }),
			);
			const expected = Buffer.from(key, "base64url");
			return hash !== null && actual.length === expected.length && timingSafeEqual(actual, expected);
		},
	};
}

const nobody = `scrypt$${cost.logN}$${cost.r}$${cost.p}$${"A".repeat(22)}$${"A".repeat(43)}`;

/** The same password typed on two keyboards is one: Unicode is normalised first (NIST SP 800-63B, 3.1.1.2). */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		scrypt(password.normalize("NFKC"), salt, keyBytes, { ...options, maxmem: 128 * 1024 * 1024 }, (error, key) => {
			if (error) reject(error);
			else resolve(key);
		});
	});
}
