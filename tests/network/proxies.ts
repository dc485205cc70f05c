import type { Place, ProxySetup } from "./proxy.ts";
import { quick } from "./scale.ts";

/** Timeouts that people have in their configurations, in seconds, shrunk like everything else. */
const shrunk = (seconds: number) => `${(seconds * 1000) / quick}ms`;
const isRoot = process.getuid?.() === 0;

function nginx(location: string, http = ""): ProxySetup {
	return {
		program: "nginx",
		config: ({ folder, port, upstream }) => `
${isRoot ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path ${folder}/body;
	proxy_temp_path ${folder}/proxy;
	fastcgi_temp_path ${folder}/fastcgi;
	uwsgi_temp_path ${folder}/uwsgi;
	scgi_temp_path ${folder}/scgi;
	proxy_read_timeout ${shrunk(60)};
	${http}
	server {
		listen 127.0.0.1:${port};
		location / {
			proxy_pass http://127.0.0.1:${upstream};
			${location}
		}
	}
}`,
		args: ({ folder, config }) => ["-p", folder, "-e", `${folder}/error.log`, "-c", config],
	};
}

const upgradeMap = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
const passUpgrade = `proxy_http_version 1.1;
			proxy_set_header Host $http_host;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection $connection_upgrade;`;

function haproxy(rules: string, timeouts: string): ProxySetup {
	return {
		program: "haproxy",
		config: ({ port, upstream }) => `
global
	maxconn 500
defaults
	mode http
	timeout connect 5s
${timeouts}
frontend front
	bind 127.0.0.1:${port}
${rules}
	default_backend back
backend back
	server one 127.0.0.1:${upstream}
`,
		args: ({ config }) => ["-db", "-f", config],
	};
}

const ordinary = `	timeout client ${shrunk(300)}\n	timeout server ${shrunk(300)}\n	timeout tunnel 1h\n	timeout tarpit ${shrunk(60)}`;
const isUpgrade = "if { req.hdr(Upgrade) -i websocket }";

function varnish(rules: string): ProxySetup {
	return {
		program: "varnishd",
		config: ({ upstream }) => `vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "${upstream}"; .first_byte_timeout = ${shrunk(60)}; .between_bytes_timeout = ${shrunk(60)}; }
${rules}
`,
		args: ({ folder, config, port }) => [
			..."-F -j none -s default,16m -t 0 -T none".split(" "),
			...["-n", `${folder}/work`, "-a", `127.0.0.1:${port}`, "-f", config],
		],
	};
}

const modules = "/usr/lib/apache2/modules";

/** Who a program that may not stay root becomes. */
const nobody = isRoot ? "User www-data\nGroup www-data" : "";

function apache(proxyPass: (place: Place) => string, more: readonly string[] = []): ProxySetup {
	return {
		program: "apache2",
		config: (place) => `
ServerRoot ${place.folder}
ServerName localhost
DefaultRuntimeDir ${place.folder}
Mutex file:${place.folder}
PidFile ${place.folder}/pid
ErrorLog ${place.folder}/error.log
Listen 127.0.0.1:${place.port}
${nobody}
${["mpm_event", "authz_core", "proxy", "proxy_http", ...more].map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join("\n")}
ProxyTimeout ${Math.ceil(60 / quick)}
${proxyPass(place)}
`,
		args: ({ config }) => ["-DFOREGROUND", "-f", config],
	};
}

const squid: ProxySetup = {
	program: "squid",
	config: ({ folder, port, upstream }) => `
http_port 127.0.0.1:${port} accel defaultsite=127.0.0.1
cache_peer 127.0.0.1 parent ${upstream} 0 no-query originserver name=origin login=PASSTHRU
http_access allow all
cache deny all
access_log none
cache_log ${folder}/error.log
pid_filename none
coredump_dir ${folder}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
`,
	args: ({ config }) => ["-N", "-f", config],
};

const tinyproxy: ProxySetup = {
	program: "tinyproxy",
	config: ({ folder, port, upstream }) => `
Listen 127.0.0.1
Port ${port}
Timeout 600
MaxClients 100
LogFile "${folder}/error.log"
PidFile "${folder}/pid"
ReverseOnly Yes
ReversePath "/" "http://127.0.0.1:${upstream}/"
`,
	args: ({ config }) => ["-d", "-c", config],
};

function caddy(rules: string): ProxySetup {
	return {
		program: "caddy",
		config: ({ port, upstream }) => `{
	admin off
	auto_https off
}
http://:${port} {
	bind 127.0.0.1
${rules}
	reverse_proxy 127.0.0.1:${upstream}
}
`,
		args: ({ config }) => ["run", "--config", config, "--adapter", "caddyfile"],
	};
}

/** The proxies people have, with the settings they have. */
export const proxies = {
	nginxPlain: nginx(""),
	nginxUpgrade: nginx(passUpgrade, upgradeMap),
	// Over HTTP 1.0, its default: nginx hands on the chunks of HTTP 1.1 as they come, whatever is set.
	nginxBuffers: nginx("proxy_ignore_headers X-Accel-Buffering;"),
	nginxForbids: nginx(`if ($http_upgrade) { return 403; } ${passUpgrade}`, upgradeMap),
	haproxyDeny: haproxy(`	http-request deny deny_status 403 ${isUpgrade}`, ordinary),
	haproxyTarpit: haproxy(`	http-request tarpit ${isUpgrade}`, ordinary),
	haproxyIdle: haproxy("", `	timeout client ${shrunk(30)}\n	timeout server ${shrunk(30)}`),
	haproxyWaits: haproxy(
		`	http-request deny deny_status 403 ${isUpgrade}\n	http-response wait-for-body time ${shrunk(600)} at-least 1m`,
		ordinary,
	),
	squid,
	tinyproxy,
	varnish: varnish(""),
	varnishBuffers: varnish("sub vcl_backend_response { set beresp.do_stream = false; }"),
	apache: apache(({ upstream }) => `ProxyPass / http://127.0.0.1:${upstream}/`),
	apacheUpgrade: apache(({ upstream }) => `ProxyPass / http://127.0.0.1:${upstream}/ upgrade=websocket`),
	caddy: caddy(""),
	caddyGzip: caddy("	encode gzip\n	@upgrade header Upgrade websocket\n	respond @upgrade 403"),
} as const satisfies Record<string, ProxySetup>;
