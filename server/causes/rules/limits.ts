import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

/** The run came up against a limit of its own or of this machine. */
export const limitCauses: readonly Cause[] = [
	{
		id: "out_of_memory",
		name: "Out of memory",
		steps: ["install", "build", "test", "start"],
		ends: ["exited", "memory"],
		patterns: [
			/JavaScript heap out of memory|MemoryError|java\.lang\.OutOfMemoryError|runtime: out of memory|ENOMEM|Cannot allocate memory/,
		],
		explain: ({ circumstances: { command } }) => ({
			code: "out_of_memory",
			message: `${command} ran out of memory: it needs more than this project may use.`,
			action: "Make it need less (build fewer pages or modules at a time, no source maps), or raise the memory limit of builds, and retry.",
		}),
	},
	{
		id: "file_watchers",
		name: "Too many watched files",
		steps: ["build", "test", "start"],
		patterns: [/ENOSPC: System limit for number of file watchers reached/],
		explain: ({ circumstances: { command } }) => ({
			message: `${command} watches files for changes, and there are more than this machine allows.`,
			action: "Files do not change here: use a command that builds once and ends, or serves without watching, and retry.",
		}),
	},
	{
		id: "disk_full",
		name: "No space left on the disk",
		steps: ["install", "build", "test", "start"],
		patterns: [/ENOSPC|No space left on device/i],
		explain: ({ circumstances: { command } }) => ({
			code: "disk_full",
			message: `There was no space left on the disk for ${command}.`,
			action: "Free some space on this machine, or delete old projects, and retry.",
		}),
	},
	{
		id: "disk_limit",
		name: "A file or folder larger than allowed",
		steps: ["install", "build", "test", "start"],
		patterns: [/EFBIG|File too large|File size limit exceeded|EDQUOT|Disk quota exceeded/i],
		explain: ({ circumstances: { command } }) => ({
			code: "disk_limit",
			message: `${command} wrote a file that is larger than a project may write.`,
			action: "Make it write less, or in smaller files, and retry.",
		}),
	},
	{
		id: "process_limit",
		name: "Too many processes",
		steps: ["install", "build", "test", "start"],
		ends: ["exited", "processes"],
		patterns: [
			/fork: (?:retry: )?Resource temporarily unavailable|Cannot fork|spawn \S+ EAGAIN|can't start new thread|pthread_create.*(?:EAGAIN|Resource)/i,
		],
		explain: ({ circumstances: { command } }) => ({
			code: "process_limit",
			message: `${command} tried to start more processes at a time than a project may have.`,
			action: "Limit how many workers it starts (often an option such as --maxWorkers or --concurrency) and retry.",
		}),
	},
	{
		id: "build_never_ends",
		name: "The build command starts a server or watches files",
		steps: ["build"],
		ends: ["timeout"],
		patterns: [
			/(?<what>Local:\s+https?:\/\/\S+)/,
			/(?<what>press h(?: \+ enter)? to show help|Watching for file changes|watching for changes|Compiled and waiting)/i,
			/(?<what>webpack \S+ compiled)/,
		],
		explain: ({ groups, circumstances: { command } }) => ({
			message: `${command} never ended: it went on running after its work was done (${quote(groups.what ?? "")}), as a development server or a watcher does.`,
			action: "Use a build command that ends by itself, for example vite build in place of vite, or without --watch, and retry.",
		}),
	},
	{
		id: "tests_watch",
		name: "The tests wait for changes",
		steps: ["test"],
		ends: ["timeout"],
		patterns: [
			/Waiting for file changes|press h to show help|Watch Usage|Press [`"']?a[`"']? to run all tests|--watch\b|(?<after>waiting for changes)|DEV {1,3}v\d/i,
		],
		explain: ({ circumstances: { command } }) => ({
			message: `${command} never ended: the test runner is in watch mode and waits for files to change.`,
			action: "Let the test script run once: vitest run, jest --ci, or without --watch. Then retry.",
		}),
	},
];
