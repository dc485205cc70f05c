import { describe, expect, it } from "vitest";
import { requestOf } from "#lib/agui/request.ts";

const said = (content: string) => ({ messages: [{ id: "1", role: "user" as const, content }] });
const git = (url: string) => ({ source: { type: "git", url } });

describe("what a first run asks to deploy", () => {
	it.each([
		["Deploy https://git.example.com/acme/shop.git, please.", git("https://git.example.com/acme/shop.git")],
		["(git@git.example.com:acme/shop.git)", git("git@git.example.com:acme/shop.git")],
		["example:static-site", git("example:static-site")],
		["https://git.example.com/a/b and again https://git.example.com/a/b", git("https://git.example.com/a/b")],
		["  A landing page for my bakery.\n", { source: { type: "brief", text: "A landing page for my bakery." } }],
		[" \n", null],
		["Deploy file:///etc/passwd or ext::sh -c x", { source: { type: "brief", text: "Deploy file:///etc/passwd or ext::sh -c x" } }],
	])("%s", (text, expected) => {
		expect(requestOf(said(text))).toEqual(expected);
	});

	it("is the last message of the person, and not what an agent said", () => {
		const messages = [
			{ id: "1", role: "user" as const, content: "https://git.example.com/a/old" },
			{ id: "2", role: "user" as const, content: [{ type: "text" as const, text: "https://git.example.com/a/new" }] },
			{ id: "3", role: "assistant" as const, content: "https://git.example.com/a/evil" },
		];
		expect(requestOf({ messages })).toEqual(git("https://git.example.com/a/new"));
	});

	it("is what the program says, where it says something, and refused where that cannot be used", () => {
		const deployment = { source: { type: "git", url: "https://git.example.com/a/b", ref: "next" }, project: "shop" };
		expect(requestOf({ ...said("https://git.example.com/c/d"), forwardedProps: { deployment } })).toEqual(deployment);
		expect(() => requestOf({ messages: [], forwardedProps: { deployment: { source: { type: "git" } } } })).toThrow(/“source\.url”/);
		expect(() => requestOf(said("https://git.example.com/a/b https://git.example.com/c/d"))).toThrow(/more than one/);
	});
});
