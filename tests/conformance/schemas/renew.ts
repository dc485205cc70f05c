// npm run protocol: writes the schemas of the protocol down, once nothing in them breaks the clients that are out there.
import { readFile, writeFile } from "node:fs/promises";
import { findBreaks } from "./compare.ts";
import { describeProtocol, type ProtocolDescription } from "./describe.ts";

const file = new URL("./protocol.json", import.meta.url);
const now = describeProtocol();
const before = await readFile(file, "utf8").then(
	(text) => JSON.parse(text) as ProtocolDescription,
	() => null,
);
const breaks = before ? findBreaks(before, now) : [];
for (const text of breaks) console.error(text);
if (breaks.length > 0) {
	console.error("\nThis breaks clients. Keep what they use, or raise protocolVersion in lib/protocol/limits.ts.");
	process.exitCode = 1;
} else {
	await writeFile(file, `${JSON.stringify(now, null, "\t")}\n`);
	console.log(`Wrote the schemas of protocol version ${now.protocolVersion}.`);
}
