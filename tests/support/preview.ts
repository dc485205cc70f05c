import { get } from "node:http";

/** Asks for a preview as a browser does; `*.localhost` resolves in browsers, not in Node. */
export function getPreview(previewUrl: string, path = "/"): Promise<{ status: number; body: string }> {
	const { hostname, port } = new URL(previewUrl);
	return new Promise((resolve, reject) => {
		const request = get({ host: "127.0.0.1", port, path, headers: { host: `${hostname}:${port}` }, timeout: 10_000 }, (response) => {
			const chunks: Buffer[] = [];
			response.on("data", (chunk: Buffer) => chunks.push(chunk));
			response.on("error", reject);
			response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
		});
		request.on("error", reject);
		request.on("timeout", () => request.destroy(new Error(`${previewUrl}${path} did not answer in 10 s`)));
	});
}
