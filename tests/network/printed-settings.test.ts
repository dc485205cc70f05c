import { afterAll, beforeAll, expect, test } from "vitest";
import { examine } from "#lib/live/doctor/examine.ts";
import { type ProxyId, proxyConfigsFor, textOf } from "#lib/live/doctor/proxy-configs.ts";
import { type LiveServer, startLiveServer } from "#tests/server/live/live-server.ts";
import { authorizedAs } from "#tests/server/live/reader.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { findProxy, type Place, type ProxySetup, startProxy } from "./proxy.ts";

let database: TestDatabase;
let server: LiveServer;

beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({ streams: database.streams });
});
afterAll(async () => {
	await server.stop();
	await database.stop();
});

const isRoot = process.getuid?.() === 0;
const modules = "/usr/lib/apache2/modules";

/** What the distribution's own configuration says around the printed part. */
const surroundings: Partial<Record<ProxyId, { program: string; around(printed: string, place: Place): string; args: ProxySetup["args"] }>> =
	{
		nginx: {
			program: "nginx",
			around: (printed, { folder }) => `${isRoot ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 64; }
http {
access_log off;
${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n")}
${printed}
}`,
			args: ({ folder, config }) => ["-p", folder, "-e", `${folder}/error.log`, "-c", config],
		},
		apache: {
			program: "apache2",
			around: (printed, { folder, port }) => `ServerRoot ${folder}
DefaultRuntimeDir ${folder}
Mutex file:${folder}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
Listen 127.0.0.1:${port}
${isRoot ? "User www-data\nGroup www-data" : ""}
${["mpm_event", "authz_core", "proxy", "proxy_http", "headers"].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join("\n")}
${printed}`,
			args: ({ config }) => ["-DFOREGROUND", "-f", config],
		},
		haproxy: { program: "haproxy", around: (printed) => `global\n\tmaxconn 64\n\n${printed}`, args: ({ config }) => ["-db", "-f", config] },
		caddy: {
			program: "caddy",
			around: (printed) => `{\n\tadmin off\n}\n${printed}`,
			args: ({ config }) => ["run", "--config", config, "--adapter", "caddyfile"],
		},
	};

test.for(Object.entries(surroundings))(
	"the printed settings of %s let WebSocket, SSE and polling through",
	async ([id, setup], context) => {
		if (!(await findProxy(setup.program))) context.skip(`${setup.program} is not installed on this machine`);
		const proxy = await startProxy(
			{
				program: setup.program,
				args: setup.args,
				config(place) {
					const site = { origin: `http://127.0.0.1:${place.port}`, upstreamPort: place.upstream };
					const printed = proxyConfigsFor(site).find((config) => config.id === id);
					return setup.around(printed ? textOf(printed) : "", place);
				},
			},
			server.port,
		);
		try {
			const rungs = await examine({
				origin: proxy.origin,
				stream: "user/ann",
				...authorizedAs("ann"),
				timings: { burstMs: 25, aliveMs: 1000, pingMs: 100, holdS: 1 },
				signal: AbortSignal.timeout(15_000),
				onChange() {},
			});
			expect(rungs.map(({ kind, outcome }) => [kind, outcome?.fault])).toEqual([
				["ws", null],
				["sse", null],
				["poll", null],
			]);
		} finally {
			await proxy.stop();
		}
	},
);

test("with https the settings name a certificate, and every line that repairs something is there for each proxy", () => {
	const configs = proxyConfigsFor({ origin: "https://quayside.example.com", upstreamPort: 3000 });
	for (const config of configs) {
		const text = textOf(config);
		expect(text, config.id).toContain("quayside.example.com");
		expect(text, config.id).toContain("3000");
		expect(text, config.id).not.toMatch(/undefined|\n\n\n/);
	}
	const marked = Object.fromEntries(
		configs.map(({ id, lines }) => [id, [...new Set(lines.flatMap(({ repairs }) => repairs ?? []))].sort()]),
	);
	expect(marked).toMatchObject({
		nginx: ["buffering", "idle", "upgrade"],
		apache: ["buffering", "idle", "upgrade"],
		haproxy: ["buffering", "idle", "upgrade"],
		caddy: ["buffering"],
	});
	expect(textOf(configs[0] ?? { lines: [] })).toContain("listen 443 ssl;\n");
});
