/**
 * `node connect.mjs HOST PORT`: opens a connection through the egress proxy of this sandbox and joins it to standard input
 * and output. For ssh (`ProxyCommand`) and git (`core.gitProxy`). The proxy is the one `HTTP_PROXY` names.
 */
import { request } from "node:http";

const [host, port] = process.argv.slice(2);
if (!host || !port) fail("usage: connect.mjs HOST PORT");

const proxy = new URL(process.env.HTTP_PROXY ?? "http://127.0.0.1:3128");
const authority = `${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
const headers = { host: authority };
if (proxy.username) {
	const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
	headers["proxy-authorization"] = `Basic ${Buffer.from(credentials).toString("base64")}`;
}

const asked = request({ host: proxy.hostname, port: proxy.port, method: "CONNECT", path: authority, headers, agent: false });
asked.on("error", (error) => fail(`the proxy does not answer (${error.code})`));
// A refusal is an ordinary answer to CONNECT; its reason says what the proxy thinks of the address.
asked.on("connect", (answer, socket, head) => {
	if (answer.statusCode !== 200) fail(`${authority}: ${answer.statusMessage}`);
	socket.on("error", () => process.exit(1));
	socket.on("close", () => process.exit(0));
	if (head.length > 0) process.stdout.write(head);
	process.stdin.pipe(socket);
	socket.pipe(process.stdout);
});
asked.end();

function fail(why) {
	process.stderr.write(`quayside: ${why}\n`);
	process.exit(1);
}
