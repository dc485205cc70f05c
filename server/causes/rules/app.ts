import type { Cause, Found } from "../cause.ts";
import { quote } from "../cause.ts";
import { pathInApp } from "../project.ts";

/** The app was started and did not stay, or does not answer. */
export const appCauses: readonly Cause[] = [
	{
		id: "port_in_use",
		name: "The app starts two servers on one port",
		steps: ["start", "test", "build"],
		patterns: [/EADDRINUSE[^\n]{0,60}?(?<port>\d{2,5})\b/, /Address already in use[^\n]{0,60}?(?<port>\d{2,5})?/i],
		explain: ({ groups }) => ({
			message: `${groups.port ? `Port ${groups.port}` : "The port"} is already in use, by the app itself: nothing else runs beside it, so the server is started twice.`,
			action: "Start one server only (look for a second listen, or a start script that runs two programs), and retry.",
		}),
	},
	{
		id: "address_unavailable",
		name: "The app listens on an address of another machine",
		steps: ["start"],
		patterns: [
			/listen EADDRNOTAVAIL: address not available (?<host>[\w.:-]{1,80}?):\d{1,5}\b/,
			/listen tcp \[?(?<host>[\w.:]{1,80}?)\]?:\d{1,5}: bind: cannot assign requested address/,
		],
		explain: ({ groups }) => ({
			message: `The app listens on the address ${quote(groups.host ?? "")}, which is not one of where it runs.`,
			action: "Listen on every address (0.0.0.0), or on the one in the HOST variable, and retry.",
		}),
	},
	{
		id: "port_privileged",
		name: "The port is below 1024",
		steps: ["start"],
		patterns: [
			/listen EACCES[^\n]{0,60}?:(?<port>\d{1,4})\b/,
			/(?:bind|listen)[^\n]{0,80}:(?<port>\d{1,4}):? (?:bind: )?permission denied/i,
			/PermissionError[^\n]{0,60}\[Errno 13\][^\n]{0,80}/,
		],
		explain: ({ groups }) => ({
			message: `The app may not listen on port ${groups.port || "below 1024"}: ports below 1024 are for the system alone.`,
			action: "Listen on the port given in the PORT variable, and retry.",
		}),
	},
	{
		id: "app_file_missing",
		name: "The app reads a file that is not there",
		steps: ["build", "test", "start"],
		patterns: [
			/ENOENT: no such file or directory, (?:open|stat|lstat|scandir|access) '(?<file>[^'\n]{1,300})'/,
			/FileNotFoundError: [^\n]{0,40}No such file or directory: '(?<file>[^'\n]{1,300})'/,
			/open (?<file>[\w./-]{1,200}): no such file or directory/,
		],
		explain: ({ groups, circumstances }) => ({
			message: `${circumstances.step === "start" ? "The app" : circumstances.command} reads ${quote(pathInApp(groups.file ?? "", circumstances))}, and there is no such file${circumstances.step === "start" ? " where it runs" : ""}.`,
			action: "Commit the file, or let the build make it. What is secret in it belongs on the project's Environment page. Then retry.",
		}),
	},
	{
		id: "read_only_folder",
		name: "The app writes where it may not",
		steps: ["build", "test", "start"],
		patterns: [
			/(?:EACCES: permission denied|EROFS: read-only file system|EPERM: operation not permitted), (?:mkdir|open|unlink|rename|copyfile|symlink) '(?<path>[^'\n]{1,300})'/,
			/(?:Permission denied|Read-only file system): '(?<path>[^'\n]{1,300})'/,
			/(?:mkdir|open) (?<path>\/[\w./-]{1,200}): (?:permission denied|read-only file system)/,
		],
		explain: ({ groups }) => ({
			message: `The app writes to ${quote(groups.path ?? "")}, where it may not: it has its own folder, its home and /tmp.`,
			action: "Write to a folder inside the app or to /tmp, and set that path by a variable if the code allows it. Then retry.",
		}),
	},
	{
		id: "uncaught_error",
		name: "The app ended with an error of its own",
		steps: ["start", "build", "test"],
		patterns: [
			/(?:^|\n)(?<file>(?:file:\/\/)?\/[^\n:]{1,300}):(?<row>\d+)\n(?:[^\n]*\n){1,8}?(?<what>(?:[A-Z]\w{0,60})?(?:Error|Exception)(?: \[\w+\])?: [^\n]{1,300})/,
			/File "(?<file>[^"\n]{1,300})", line (?<row>\d+)[^\n]{0,80}\n(?:[^\n]*\n){0,4}?(?<what>(?:[\w.]{0,60}(?:Error|Exception)): [^\n]{1,300})/,
			/(?<![\w./-])(?<file>[\w./-]{1,200}\.rb):(?<row>\d+):in [^\n]{1,120}: (?<what>[^\n]{1,200} \([A-Z]\w{0,60}(?:Error|Exception)?\))/,
			/PHP Fatal error: {1,2}(?<what>[^\n]{1,300}?) in (?<file>[^\n\s]{1,200})(?: on line |:)(?<row>\d+)/,
			/(?:panic|fatal error): (?<what>[^\n]{1,300})/,
			/Exception in thread "[^"]{1,60}" (?<what>[^\n]{1,300})/,
			/(?:^|\n)(?:Uncaught |\[?)(?<what>(?:[A-Z]\w{0,60})?(?:Error|Exception)(?: \[\w+\])?: [^\n]{1,300})/,
		],
		explain: (found) => ({
			message: `${who(found)} an error of its own${where(found)}: ${quote(found.groups.what ?? "")}.`,
			action:
				"Correct it, commit, push and deploy again. If it happens here only, look for a variable or a file that is there where you develop.",
		}),
	},
	{
		id: "app_ended",
		name: "The app came to its end",
		steps: ["start"],
		patterns: [/^/],
		explain: ({ circumstances: { exitCode, command } }) =>
			exitCode !== 0
				? null
				: {
						message: `${command} came to its end by itself, without an error: it does not wait for requests as a server does.`,
						action:
							"Start a server that listens on the port in the PORT variable. If this is a site made of files, take the start command away and name its output folder. Then retry.",
					},
	},
];

/** An app without an exit code goes on. */
function who({ circumstances: { step, command, exitCode } }: Found): string {
	if (step !== "start") return `${command} ended with`;
	return exitCode === null ? "The app says that there was" : "The app ended with";
}

function where({ groups, circumstances }: Found): string {
	if (!groups.file) return "";
	const path = pathInApp(groups.file.replace(/^file:\/\//, ""), circumstances);
	return path.startsWith("node:") || path.includes("node_modules") ? "" : `, in ${quote(path)}, line ${groups.row}`;
}
