import type { IncomingMessage, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Watch</title><body><script src="/watch.js"></script></body></html>`;

/** Serves `page/watch.ts`, bundled for a browser. */
export async function servePage(): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
	const bundle = await rolldown({
		input: fileURLToPath(new URL("page/watch.ts", import.meta.url)),
		platform: "browser",
		logLevel: "silent",
	});
	const { output } = await bundle.generate({ format: "iife" });
	await bundle.close();
	const { code } = output[0];
	return ({ url = "" }, response) => {
		const isScript = url.startsWith("/watch.js");
		if (!isScript && !url.startsWith("/watch")) return void response.writeHead(404, { "content-length": 0 }).end();
		response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html", "cache-control": "no-store" });
		response.end(isScript ? code : html);
	};
}
