import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandFromLine, commandText, splitCommandLine } from "#lib/protocol/index.ts";

describe("a one-line command", () => {
	test.each([
		["node server.js", ["node", "server.js"]],
		["  node \t server.js  ", ["node", "server.js"]],
		["node -e 'console.log(1 + 1)'", ["node", "-e", "console.log(1 + 1)"]],
		['echo "a \\"b\\" c" d', ["echo", 'a "b" c', "d"]],
		["echo a\\ b ''", ["echo", "a b", ""]],
		["npm run build -- --base=/", ["npm", "run", "build", "--", "--base=/"]],
		["echo 'it'\\''s'", ["echo", "it's"]],
		["gunicorn app:app --bind 0.0.0.0:8000", ["gunicorn", "app:app", "--bind", "0.0.0.0:8000"]],
		["node a~b#c", ["node", "a~b#c"]],
		['echo "a\\b"', ["echo", "a\\b"]],
	])("%s is %j", (line, words) => {
		expect(splitCommandLine(line)).toEqual(words);
	});

	test.each([
		"",
		"   ",
		"node server.js $PORT",
		'node "$PORT"',
		"node `id`",
		"a && b",
		"a; b",
		"a | b",
		"a > b",
		"(a)",
		"ls *.js",
		"NODE_ENV=production node a.js",
		"cd web",
		"exec node a.js",
		"node 'a",
		'node "a',
		"node a\\",
		"a\nb",
		"cat ~/x",
		"# nothing",
		"'' a",
	])("%j needs a shell", (line) => {
		expect(splitCommandLine(line)).toBeNull();
	});

	test("one that needs a shell becomes the text of one", () => {
		expect(commandFromLine("gunicorn app --bind :$PORT")).toEqual(["sh", "-c", "gunicorn app --bind :$PORT"]);
		expect(commandFromLine("node a.js")).toEqual(["node", "a.js"]);
	});

	test("too many words are left to a shell", () => {
		expect(splitCommandLine(Array(64).fill("a").join(" "))).toHaveLength(64);
		expect(splitCommandLine(Array(65).fill("a").join(" "))).toBeNull();
	});

	test("is written so that it reads back as it was", () => {
		fc.assert(
			fc.property(fc.array(fc.string({ maxLength: 20 }), { maxLength: 8 }), (words) => {
				const command = ["node", ...words];
				expect(splitCommandLine(commandText(command))).toEqual(command);
			}),
		);
		expect(commandText(["sh", "-c", "a && b"])).toBe("a && b");
		expect(commandText(["sh", "-c", 'exec serve --port "$PORT" "$@"', "start", "main:app", "a b"])).toBe(
			"serve --port \"$PORT\" main:app 'a b'",
		);
		expect(commandText(["sh", "-c", 'build "$2" "$1"', "build", "one", "two"])).toBe("build two one");
		expect(commandText(["node", "a b", "it's"])).toBe("node 'a b' 'it'\\''s'");
	});

	test("means what a shell of the system makes of it", async () => {
		const program = "console.log(JSON.stringify(process.argv.slice(1)))";
		const lines = ['a \'b c\' "d \\" e" f\\ g', 'x "a\'b" \'a"b\' "\\\\ \\n"', "--flag=a,b:c %d @x"];
		for (const line of lines) {
			const { stdout } = await promisify(execFile)("sh", ["-c", `"$0" -e "$1" -- ${line}`, process.execPath, program]);
			expect(splitCommandLine(`node ${line}`)?.slice(1)).toEqual(JSON.parse(stdout));
		}
	});
});
