import { createHash, generateKeyPair, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { Secret } from "./secret.ts";

export interface SshKey {
	/** One line, as it is added to a repository: "ssh-ed25519 AAAA… comment". */
	publicKey: string;
	/** In the format of OpenSSH, without a passphrase. */
	privateKey: Secret;
}

const kind = "ssh-ed25519";
const generate = promisify(generateKeyPair);

/** A new ed25519 key. The comment may hold no white space. */
export async function makeSshKey(comment: string): Promise<SshKey> {
	const { privateKey } = await generate("ed25519");
	const { x = "", d = "" } = privateKey.export({ format: "jwk" });
	const publicBytes = Buffer.from(x, "base64url");
	const publicBlob = Buffer.concat([field(kind), field(publicBytes)]);
	const secretBytes = Buffer.concat([Buffer.from(d, "base64url"), publicBytes]);
	return {
		publicKey: `${kind} ${publicBlob.toString("base64")} ${comment}`,
		privateKey: new Secret(openSshFile(publicBlob, [field(kind), field(publicBytes), field(secretBytes), field(comment)])),
	};
}

/** "SHA256:…" of a key as it stands in a public key file or in known_hosts: `kind base64 …`. */
export function fingerprintOf(publicKey: string): string {
	const blob = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
	return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/** OpenSSH's `PROTOCOL.key`: no cipher, one key; what is private begins with one number twice and is padded to 8 bytes. */
function openSshFile(publicBlob: Buffer, privateFields: readonly Buffer[]): string {
	const check = randomBytes(4);
	const unpadded = Buffer.concat([check, check, ...privateFields]);
	const padding = Buffer.from(Array.from({ length: (8 - (unpadded.length % 8)) % 8 }, (_, index) => index + 1));
	const body = Buffer.concat([
		Buffer.from("openssh-key-v1\0"),
		field("none"),
		field("none"),
		field(""),
		Buffer.from([0, 0, 0, 1]),
		field(publicBlob),
		field(Buffer.concat([unpadded, padding])),
	]);
	const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
	return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

/** A string of the ssh protocol: its length in four bytes, then itself. */
function field(value: string | Buffer): Buffer {
	const bytes = Buffer.from(value);
	const length = Buffer.alloc(4);
	length.writeUInt32BE(bytes.length);
	return Buffer.concat([length, bytes]);
}
