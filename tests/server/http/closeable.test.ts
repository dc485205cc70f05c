import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { closeable } from "#server/http/closeable.ts";

it("drains first, then ends what was upgraded and what is idle", async () => {
	const server = createServer((_request, response) => response.end("here"));
	server.on("upgrade", (_request, socket) => {
		socket.on("error", () => {});
		socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
	});
	let destroyed: boolean | null = null;
	const close = closeable(server, async () => {
		destroyed = socket.destroyed;
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const upgrade = request({ host: "127.0.0.1", port, headers: { connection: "Upgrade", upgrade: "websocket" } });
	upgrade.end();
	const [, socket] = await once(upgrade, "upgrade");
	const gone = once(socket, "close");
	socket.on("error", () => {});
	socket.resume();
	await close();
	await gone;
	expect(destroyed).toBe(false);
	expect(server.listening).toBe(false);
});
