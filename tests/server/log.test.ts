import { Writable } from "node:stream";
import { expect, it } from "vitest";
import { AppError } from "#lib/errors.ts";
import { createLog, reportErrorTo } from "#server/log.ts";

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
	let text = "";
	const into = new Writable({
		write(chunk, _encoding, done) {
			text += String(chunk);
			done();
		},
	});
	write(createLog("info", into));
	return text;
}

it("keeps of an error what helps, and nothing that hangs on it", () => {
	const error = Object.assign(new Error("it broke", { cause: new Error("the reason") }), {
		code: "57P01",
		client: { password: "hunter2-hunter2" },
	});
	const text = logged((log) => log.warn({ err: error }, "trouble"));
	expect(JSON.parse(text)).toMatchObject({ err: { message: "it broke", code: "57P01", cause: "the reason" }, msg: "trouble" });
	expect(text).not.toContain("hunter2");
});

it("takes keys and passwords in addresses out of every line", () => {
	const text = logged((log) =>
		log.info({ url: "https://me:s3cr3t-s3cr3t@git.example/x" }, "token ghp_0123456789abcdef0123456789abcdef0123"),
	);
	expect(text).not.toMatch(/s3cr3t|ghp_0123/);
});

it("writes a fault of a request without a stack, one of ours with it, each under the reference people are shown", () => {
	const references: string[] = [];
	const text = logged((log) => {
		const report = reportErrorTo(log);
		references.push(report(new AppError("not_found"), { path: "/x" }), report(new TypeError("ours"), { path: "/y" }));
	});
	const [fault, ours] = text
		.trim()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(fault).toMatchObject({ level: 30, code: "not_found", reference: references[0] });
	expect(JSON.stringify(fault)).not.toContain("stack");
	expect(ours).toMatchObject({ level: 50, reference: references[1], err: { stack: expect.stringContaining("TypeError") } });
});
