import { describe, expect, test } from "vitest";
import { parseGitUrl, projectNameOf } from "#lib/protocol/index.ts";

describe("addresses that git may be given", () => {
	test.each([
		["https://github.com/owner/name.git", "https", "github.com", null, "https://github.com/owner/name.git"],
		["HTTPS://GitHub.com/Owner/Name", "https", "github.com", null, "https://github.com/Owner/Name"],
		["github.com/owner/name", "https", "github.com", null, "https://github.com/owner/name"],
		["http://localhost:8080/name.git", "http", "localhost", 8080, "http://localhost:8080/name.git"],
		["http://[::1]:99/name", "http", "::1", 99, "http://[::1]:99/name"],
		["ssh://git@host:2222/owner/name", "ssh", "host", 2222, "ssh://git@host:2222/owner/name"],
		["git@GitHub.com:owner/name.git", "ssh", "github.com", null, "git@github.com:owner/name.git"],
		["git://host/name", "git", "host", null, "git://host/name"],
	])("%s", (text, transport, host, port, url) => {
		expect(parseGitUrl(text)).toEqual({ ok: true, value: { transport, host, port, url } });
	});

	test("an address in disguise is unmasked, so that it can be checked", () => {
		expect(parseGitUrl("http://0x7f.1/name")).toMatchObject({ ok: true, value: { host: "127.0.0.1" } });
		expect(parseGitUrl("http://2130706433/name")).toMatchObject({ ok: true, value: { host: "127.0.0.1" } });
	});
});

describe("addresses that are refused", () => {
	test.each([
		"",
		"   ",
		"name",
		"/etc/passwd",
		"./name",
		"../name",
		"C:\\name",
		"file:///etc",
		"FILE:///etc",
		"ext::sh -c id",
		"ext::sh%20-c%20id",
		"fd::17/foo",
		"javascript:alert(1)",
		"data:text/html,x",
		"ftp://host/name",
		"https://",
		"https://host",
		"https://host/",
		"https://host/name?token=1",
		"https://host/name#x",
		"--upload-pack=/bin/sh",
		"-oProxyCommand=id",
		"ssh://-oProxyCommand=id/name",
		"ssh://git@-oProxyCommand=id/name",
		"ssh://-git@host/name",
		"ssh://git@%2doProxyCommand=id/name",
		"ssh://git:password@host/name",
		"git@-oProxyCommand=id:name",
		"-git@host:name",
		"git@host:-name",
		"git@host::name",
		"https://host/na me",
		"https://host/na\nme",
		"https://host/na\u0000me",
		"https://host/na%0ame",
		"https://host/na%0Dme",
		`https://host/${"a".repeat(2000)}`,
	])("%j", (text) => {
		expect(parseGitUrl(text)).toMatchObject({ ok: false, failure: { code: "invalid_url" } });
	});

	test.each(["https://user@host/name", "https://user:password@host/name", "git://user@host/name"])("%s: no user or password", (text) => {
		expect(parseGitUrl(text)).toMatchObject({
			ok: false,
			failure: { code: "invalid_url", action: expect.stringContaining("access token") },
		});
		expect(JSON.stringify(parseGitUrl(text))).not.toContain("password@");
	});
});

test.each([
	["https://github.com/owner/name.git", "name"],
	["https://github.com/owner/name/", "name"],
	["git@host:name.git", "name"],
	["git@host:owner/name", "name"],
	["https://host/.git", "project"],
])("the project of %s is called %s", (url, name) => {
	expect(projectNameOf(url)).toBe(name);
});
