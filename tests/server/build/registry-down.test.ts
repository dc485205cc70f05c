import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
const servers: Server[] = [];
beforeAll(async () => {
	builds = await openBuilds();
});
afterEach(async () => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
		await once(server, "close");
	}
});
afterAll(() => builds.stop());

async function registry(answer: RequestListener): Promise<string> {
	const server = createServer(answer).listen(0, "127.0.0.1");
	servers.push(server);
	await once(server, "listening");
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Installs from this registry, tried once; inside, loopback is the sandbox's own, so the proxy has to be asked for it. */
function installFrom(host: string, timeoutMs = 30_000) {
	const env = {
		npm_config_registry: `http://${host}/`,
		npm_config_fetch_retries: "0",
		npm_config_noproxy: "",
		NO_PROXY: "",
		no_proxy: "",
	};
	const manifest = JSON.stringify({ name: "shop", version: "1.0.0", dependencies: { "@acme/left": "1.0.0", ms: "2.1.3" } });
	return builds.files({ "package.json": manifest }, { install: ["npm", "install"] }, { env, registryHosts: [host], timeoutMs });
}

describe("a registry that does not help", () => {
	test("one that refuses connections", async () => {
		const host = await registry(() => {});
		servers[0]?.close();
		const { outcome } = await installFrom(host);
		expect(outcome).toMatchObject({ ok: false, failure: { code: "install_failed", cause: "registry_unreachable" } });
	});

	test("one that answers 503", async () => {
		const { outcome } = await installFrom(await registry((_, response) => response.writeHead(503).end("busy")));
		expect(outcome).toMatchObject({
			ok: false,
			failure: { code: "install_failed", cause: "registry_unreachable", message: expect.stringContaining("503") },
		});
	});

	test("one that never answers ends with the deadline of the stage, and leaves nothing running", async () => {
		const { outcome } = await installFrom(await registry(() => {}), 4_000);
		expect(outcome).toMatchObject({ ok: false, failure: { code: "stage_timeout", command: "npm install" } });
	});

	test("one that asks for a login", async () => {
		const { outcome } = await installFrom(await registry((_, response) => response.writeHead(401).end("{}")));
		expect(outcome).toMatchObject({ ok: false, failure: { code: "install_failed", cause: "package_private" } });
	});

	test("one that sends garbage", async () => {
		const { outcome } = await installFrom(await registry((_, response) => response.end("<html>not a registry</html>")));
		expect(outcome).toMatchObject({ ok: false, failure: { code: "install_failed", command: "npm install" } });
	});
});
