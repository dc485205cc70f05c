import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openOutput } from "../../../bin/cli/output.ts";

function opened() {
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	const terminal = { stdout, stderr, env: {} } as unknown as Parameters<typeof openOutput>[0];
	const written = (stream: PassThrough) => String(stream.read() ?? "");
	return { output: openOutput(terminal, false), out: () => written(stdout), error: () => written(stderr) };
}

const clipboard = "\u001b]52;c;ZXZpbA==\u0007";

test("what a build prints colours its lines and drives the terminal in no other way", () => {
	const { output, out, error } = opened();
	output.line(`\u001b[31mred\u001b[0m\u001b[2J${clipboard}\ttab \u009b5n`);
	expect(out()).toBe("\u001b[31mred\u001b[0m[2J]52;c;ZXZpbA==\ttab 5n\n");
	output.note(clipboard);
	expect(error()).toBe("]52;c;ZXZpbA==\n");
});

test("a colour that comes in two pieces stays one, and anything else is no command then either", () => {
	const { output, out } = opened();
	for (const piece of ["a\u001b", "[3", "2mgreen\n", "b\u001b", "]0;title"]) output.raw(piece);
	expect(out()).toBe("a\u001b[32mgreen\nb]0;title");
});
