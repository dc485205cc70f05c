/** What a line of a proxy's configuration repairs. */
export type Repair = "upgrade" | "buffering" | "idle";

export const repairNames: Readonly<Record<Repair, string>> = {
	upgrade: "passes WebSocket on",
	buffering: "holds nothing back",
	idle: "does not end what is quiet",
};

export interface Site {
	/** Address people open, such as `https://quayside.example.com`. */
	origin: string;
	/** Port on which Quayside listens on the proxy's machine. */
	upstreamPort: number;
}

export interface ConfigLine {
	text: string;
	repairs?: Repair;
}

export interface ProxyConfig {
	id: ProxyId;
	name: string;
	/** Where it goes, and what else there is to know. */
	note: string;
	lines: ConfigLine[];
}

const proxyIds = ["nginx", "apache", "haproxy", "traefik", "caddy", "cloudflare"] as const;
export type ProxyId = (typeof proxyIds)[number];

/**
 * The address people would open with a proxy in front. Where they open Quayside itself, which has its port to itself, that is the same
 * host at the usual port.
 */
export function proxiedOrigin({ origin, upstreamPort }: Site): string {
	const url = new URL(origin);
	if (url.port === String(upstreamPort)) url.port = "";
	return url.origin;
}

/** The configurations that carry all of Quayside, for this site. Those of nginx, Apache, HAProxy and Caddy are run as they stand by the tests. */
export function proxyConfigsFor(site: Site): ProxyConfig[] {
	const origin = proxiedOrigin(site);
	const url = new URL(origin);
	const place: Place = {
		...site,
		origin,
		host: url.hostname,
		isSecure: url.protocol === "https:",
		port: url.port || (url.protocol === "https:" ? "443" : "80"),
	};
	return proxyIds.map((id) => ({ id, ...writers[id](place) }));
}

/** A configuration as the text of a file. */
export function textOf({ lines }: Pick<ProxyConfig, "lines">): string {
	return `${lines.map(({ text }) => text).join("\n")}\n`;
}

interface Place extends Site {
	host: string;
	port: string;
	isSecure: boolean;
}

type Writer = (place: Place) => Omit<ProxyConfig, "id">;

/** Lines of a text; what is in front of `>>` repairs what it names. */
function linesOf(text: string): ConfigLine[] {
	return text
		.trim()
		.split("\n")
		.map((line) => {
			const match = /^(upgrade|buffering|idle)>>(.*)$/.exec(line);
			return match ? { text: match[2] ?? "", repairs: match[1] as Repair } : { text: line };
		});
}

/** The lines that only hold for one kind of address; empty ones are left out. */
const when = (condition: boolean, lines: string) => (condition ? `${lines}\n` : "");

const writers: Readonly<Record<ProxyId, Writer>> = {
	nginx: ({ host, port, isSecure, upstreamPort }) => ({
		name: "nginx",
		note: "A file in /etc/nginx/conf.d. The certificate lines are yours.",
		lines: linesOf(`
upgrade>>map $http_upgrade $quayside_connection {
upgrade>>	default upgrade;
upgrade>>	'' close;
upgrade>>}

server {
	listen ${port}${isSecure ? " ssl" : ""};
	server_name ${host};
${when(isSecure, `	ssl_certificate /etc/ssl/${host}.crt;\n	ssl_certificate_key /etc/ssl/${host}.key;`)}	client_max_body_size 0;

	location / {
		proxy_pass http://127.0.0.1:${upstreamPort};
upgrade>>		proxy_http_version 1.1;
upgrade>>		proxy_set_header Upgrade $http_upgrade;
upgrade>>		proxy_set_header Connection $quayside_connection;
		proxy_set_header Host $http_host;
		proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		proxy_set_header X-Forwarded-Proto $scheme;
buffering>>		proxy_buffering off;
buffering>>		proxy_cache off;
buffering>>		gzip off;
idle>>		proxy_read_timeout 120s;
idle>>		proxy_send_timeout 120s;
	}
}`),
	}),
	apache: ({ host, port, isSecure, upstreamPort }) => ({
		name: "Apache",
		note: `A site, with the modules proxy, proxy_http and headers${isSecure ? " and ssl" : ""} switched on (a2enmod). Needs Apache 2.4.47 or newer.`,
		lines: linesOf(`
<VirtualHost *:${port}>
	ServerName ${host}
${when(isSecure, `	SSLEngine on\n	SSLCertificateFile /etc/ssl/${host}.crt\n	SSLCertificateKeyFile /etc/ssl/${host}.key`)}	ProxyPreserveHost On
	RequestHeader set X-Forwarded-Proto ${isSecure ? "https" : "http"}
upgrade>>	# upgrade=websocket passes WebSocket on
buffering>>	# flushpackets=on holds nothing back
idle>>	# timeout=120 does not end what is quiet
upgrade>>	ProxyPass / http://127.0.0.1:${upstreamPort}/ upgrade=websocket flushpackets=on timeout=120
</VirtualHost>`),
	}),
	haproxy: ({ host, port, isSecure, upstreamPort }) => ({
		name: "HAProxy",
		note: "Part of haproxy.cfg. Take away any rule that waits for bodies (wait-for-body) or denies upgrades.",
		lines: linesOf(`
frontend quayside
	mode http
	bind :${port}${isSecure ? ` ssl crt /etc/haproxy/${host}.pem` : ""}
	option forwardfor
	http-request set-header X-Forwarded-Proto ${isSecure ? "https" : "http"}
buffering>>	option http-no-delay
idle>>	timeout client 120s
	default_backend quayside

backend quayside
	mode http
buffering>>	option http-no-delay
	timeout connect 5s
idle>>	timeout server 120s
upgrade>>	timeout tunnel 1h
	server quayside 127.0.0.1:${upstreamPort}`),
	}),
	traefik: ({ host, isSecure, upstreamPort }) => ({
		name: "Traefik",
		note: "A file of the file provider. It passes WebSocket on by itself; a compress or buffering middleware must not stand before Quayside. Not tried by Quayside's own tests.",
		lines: linesOf(`
http:
  routers:
    quayside:
      rule: Host(\`${host}\`)
      entryPoints: [${isSecure ? "websecure" : "web"}]
      service: quayside
${when(isSecure, "      tls: {}")}  services:
    quayside:
      loadBalancer:
        passHostHeader: true
        servers:
          - url: http://127.0.0.1:${upstreamPort}
buffering>>        responseForwarding:
buffering>>          flushInterval: -1ms`),
	}),
	caddy: ({ origin, upstreamPort }) => ({
		name: "Caddy",
		note: "Part of the Caddyfile. Certificates come by themselves; WebSocket is passed on by itself.",
		lines: linesOf(`
${origin} {
	reverse_proxy 127.0.0.1:${upstreamPort} {
buffering>>		flush_interval -1
	}
}`),
	}),
	cloudflare: ({ host, isSecure, origin, upstreamPort }) => ({
		name: "Cloudflare",
		note: "Set in the dashboard of the zone. Not tried by Quayside's own tests.",
		lines: linesOf(
			`
upgrade>>Network → WebSockets: On
buffering>>Caching → Cache Rules: URI path starts with /live/ → Bypass cache
buffering>>Rules → Compression Rules: URI path starts with /live/ → Disable compression
SSL/TLS → Overview: Full (strict)${when(!isSecure, "\n# Cloudflare serves this site over https as well")}
Zero Trust → Tunnels → Public hostname: ${host} → http://localhost:${upstreamPort}
# Quayside: QUAYSIDE_PUBLIC_URL=${origin}`.replace(/\n\n/g, "\n"),
		),
	}),
};
