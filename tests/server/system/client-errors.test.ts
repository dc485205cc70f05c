import { expect, it } from "vitest";
import { createLog, reportErrorTo } from "#server/log.ts";
import { createClientErrorReports } from "#server/system/client-errors.ts";

const lines: string[] = [];
const log = createLog("info", { write: (line: string) => void lines.push(line) });
let waitS = 0;
const report = createClientErrorReports({ takeTurn: () => waitS, reportError: reportErrorTo(log) });
const from = { turn: "ada", who: { userId: "ada" } };

it("writes what a page tells under a reference, without what does not belong into a log (R215)", () => {
	const token = `qsh_${"a".repeat(43)}`;
	const reference = report(
		{
			message: `Cannot read \u001b[31mx\u202e of https://user:hunter2222@git.example/ for ${token}`,
			stack: "at f (https://quayside.example/app.js?token=abc#part:3:4)\nat g",
			page: `/deployments/1?q=private words`,
			part: "log",
		},
		from,
	);
	const line = lines.at(-1) ?? "";
	expect(JSON.parse(line)).toMatchObject({ reference, userId: "ada", part: "log" });
	expect(line).toContain("Cannot read");
	expect(line).toContain("\\nat g");
	for (const hidden of ["hunter2222", token, "token=abc", "private", "\\u001b", "\u202e", "client-errors.ts"])
		expect(line).not.toContain(hidden);
});

it("is not told more often than may be", () => {
	waitS = 3.2;
	expect(() => report({ message: "again" }, from)).toThrow(expect.objectContaining({ code: "rate_limited", data: { retryAfterS: 4 } }));
});
