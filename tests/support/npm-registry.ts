import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";

/** A private package registry on loopback with one package, which only the bearer of the token is given. */
export interface NpmRegistry {
	/** `http://127.0.0.1:<port>/`, as an `.npmrc` names it. */
	url: string;
	/** `127.0.0.1:<port>`. */
	host: string;
	/** Requests that came without the token. */
	refused(): number;
	stop(): Promise<void>;
}

/** Serves version 1.0.0 of a package whose main file exports `text`. */
export async function startNpmRegistry(name: string, text: string, token: string): Promise<NpmRegistry> {
	const archive = pack();
	archive.entry({ name: "package/package.json" }, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
	archive.entry({ name: "package/index.js" }, `module.exports = ${JSON.stringify(text)};\n`);
	archive.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of archive) chunks.push(chunk as Buffer);
	const tarball = gzipSync(Buffer.concat(chunks));
	let refused = 0;
	const server = createServer((request, response) => {
		if (request.headers.authorization !== `Bearer ${token}`) {
			refused++;
			return void response.writeHead(401).end("{}");
		}
		if (request.url?.endsWith(".tgz")) return void response.end(tarball);
		const dist = {
			tarball: `http://${host}/package.tgz`,
			integrity: `sha512-${createHash("sha512").update(tarball).digest("base64")}`,
		};
		const body = { name, "dist-tags": { latest: "1.0.0" }, versions: { "1.0.0": { name, version: "1.0.0", main: "index.js", dist } } };
		response.setHeader("content-type", "application/json");
		response.end(JSON.stringify(body));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
	return {
		url: `http://${host}/`,
		host,
		refused: () => refused,
		async stop() {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}
