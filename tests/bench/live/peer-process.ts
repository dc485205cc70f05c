/** Others that deliver live, the way their manuals show it: `node peer-process.ts ws|socket.io|better-sse`. Nothing of theirs is durable. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createChannel, createSession } from "better-sse";
import { Server as SocketIo } from "socket.io";
import { WebSocketServer } from "ws";
import { type Emission, emitSteadily } from "./emission.ts";
import { carryOut, measureMemory } from "./pinned.ts";

const server = createServer();
const broadcast = open(process.argv[2] ?? "");
server.listen(0, "127.0.0.1");
await once(server, "listening");

carryOut({
	port: () => (server.address() as AddressInfo).port,
	emit: (emission: Emission) => emitSteadily(emission, broadcast),
	memory: measureMemory,
});

function open(kind: string): (text: string) => void {
	switch (kind) {
		case "ws": {
			const sockets = new WebSocketServer({ server, perMessageDeflate: false });
			return (text) => {
				const message = Buffer.from(text);
				for (const socket of sockets.clients) socket.send(message, { binary: false });
			};
		}
		case "socket.io": {
			const io = new SocketIo(server, { connectionStateRecovery: {}, transports: ["websocket"] });
			return (text) => void io.emit("event", text);
		}
		case "better-sse": {
			const channel = createChannel();
			server.on("request", async (request, response) => channel.register(await createSession(request, response)));
			return (text) => void channel.broadcast(text, "event");
		}
		default:
			throw new Error(`There is no peer named ${kind}.`);
	}
}
