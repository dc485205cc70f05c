import { describe, expect, it } from "vitest";
import { explainFault, type Fault } from "#lib/live/doctor/fault.ts";
import { proxiedOrigin, proxyConfigsFor, textOf } from "#lib/live/doctor/proxy-configs.ts";
import { closeCodes } from "#lib/protocol/index.ts";

describe("a fault in words", () => {
	it.each<[Fault, title: string, text: RegExp]>([
		[{ kind: "blocked" }, "Blocked in the browser", /extension/],
		[{ kind: "cut", afterMs: 40 }, "Refused after 40 ms", /does not pass the upgrade on/],
		[{ kind: "refused", status: 502, code: null }, "Refused with status 502", /not in Quayside's words/],
		[{ kind: "refused", status: 500, code: "internal" }, "Refused with status 500", /Quayside itself/],
		[{ kind: "refused", status: 403, code: "foreign_origin" }, "This address is not known to the server", /not told about/],
		[{ kind: "refused", status: 401, code: "unauthenticated" }, "You are not logged in", /Log in/],
		[{ kind: "refused", status: 429, code: "rate_limited" }, "Too many connections", /Wait/],
		[{ kind: "refused", status: 503, code: "shutting_down" }, "The server is restarting", /Wait/],
		[{ kind: "no_answer", afterMs: 4000 }, "No answer within 4 s", /not even a refusal/],
		[{ kind: "silent", afterMs: 2500 }, "Silent for 2.5 s after it was opened", /without passing on/],
		[{ kind: "held_back", inBursts: true, encoding: null }, "Held back and delivered in heaps", /arrived together/],
		[{ kind: "held_back", inBursts: false, encoding: "gzip" }, "Held back by something in between", /compresses it \(gzip\)/],
		[{ kind: "closed", code: null, afterMs: 60_000 }, "Closed after 60 s", /time-out/],
		[{ kind: "closed", code: closeCodes.tooMany, afterMs: 1 }, "Too many connections", /no room/],
		[{ kind: "closed", code: closeCodes.restart, afterMs: 1 }, "The server is restarting", /Wait/],
		[{ kind: "closed", code: closeCodes.authExpired, afterMs: 1 }, "You are not logged in", /ran out/],
		[{ kind: "foreign", contentType: "text/html" }, "Somebody else answered", /text\/html/],
		[{ kind: "slow", roundTripMs: 3100 }, "Too slow: 3.1 s for one round trip", /far/],
	])("%o is “%s”", (fault, title, text) => {
		expect(explainFault("ws", fault)).toEqual({ title, text: expect.stringMatching(text) });
	});

	it("of a request is not that of an upgrade", () => {
		expect(explainFault("poll", { kind: "cut", afterMs: 40 })).toEqual({
			title: "Cut off after 40 ms, without an answer",
			text: expect.stringMatching(/network is away/),
		});
	});
});

it.each(["https://quayside.example.com", "http://quayside.example.com:8080"])(
	"the lines for each proxy are for this site: %s",
	(origin) => {
		const configs = proxyConfigsFor({ origin, upstreamPort: 3123 });
		expect(configs.map(({ id }) => id)).toEqual(["nginx", "apache", "haproxy", "traefik", "caddy", "cloudflare"]);
		for (const config of configs) {
			const text = textOf(config);
			expect(text).toMatch(/quayside\.example\.com|3123/);
			expect(text).not.toContain("undefined");
		}
	},
);

it.each([
	["http://localhost:3000", "http://localhost", "\tlisten 80;"],
	["https://quayside.example.com:3000", "https://quayside.example.com", "\tlisten 443 ssl;"],
	["http://localhost:8080", "http://localhost:8080", "\tlisten 8080;"],
])("settings for %s, where Quayside has port 3000 to itself, are for %s", (origin, proxied, listen) => {
	const site = { origin, upstreamPort: 3000 };
	expect(proxiedOrigin(site)).toBe(proxied);
	const texts = Object.fromEntries(proxyConfigsFor(site).map((config) => [config.id, textOf(config)]));
	expect(texts.nginx?.split("\n")).toContain(listen);
	expect(texts.caddy?.startsWith(`${proxied} {`)).toBe(true);
	for (const text of Object.values(texts)) expect(text).not.toMatch(/(?:listen|bind :|\*:)\s*3000\b/);
	expect(texts.nginx).toContain("proxy_pass http://127.0.0.1:3000;");
});
