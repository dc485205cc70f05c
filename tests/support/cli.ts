import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bin/quayside.js", import.meta.url));

export interface CliRun {
	code: number | null;
	stdout: string;
	stderr: string;
	/** Each line of the output, parsed. */
	records(): Record<string, unknown>[];
}

export interface CliOptions {
	env?: Readonly<Record<string, string>>;
	/** What is written to its standard input, which is closed otherwise. */
	stdin?: string;
	cwd?: string;
	/** Told of the process and of what it has printed, each time it prints. */
	onOutput?: (child: ChildProcess, printed: string) => void;
}

/** Runs the real command line program to its end, with nothing but this environment. */
export async function runCli(args: readonly string[], { env = {}, stdin, cwd, onOutput }: CliOptions = {}): Promise<CliRun> {
	const child = spawn(process.execPath, [program, ...args], {
		cwd,
		env: { PATH: process.env.PATH, NODE_ENV: "test", XDG_CONFIG_HOME: "/nonexistent", ...env },
		stdio: ["pipe", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		stdout += text;
		onOutput?.(child, stdout + stderr);
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
		onOutput?.(child, stdout + stderr);
	});
	// One that ends without reading is no failure of the test.
	child.stdin.on("error", () => {});
	child.stdin.end(stdin ?? "");
	const [code] = (await once(child, "close")) as [number | null];
	const records = () =>
		stdout
			.split("\n")
			.filter((line) => line !== "")
			.map((line) => JSON.parse(line) as Record<string, unknown>);
	return { code, stdout, stderr, records };
}
