import { readProcess } from "./process-table.ts";
import type { ReportedNamespace } from "./tree.ts";

/** What bubblewrap says of itself on its status descriptor, as JSON documents. */
export interface Report {
	take(chunk: Buffer): void;
	/** The namespace it made; null until it has said so. */
	namespace(): Promise<ReportedNamespace | null>;
	/** True when it has told the command's exit code: it got as far as running it. */
	commandEnded(): boolean;
}

const longestReport = 4_096;

/** Reads a report as it arrives. The first process is looked up at once, while its pid can only be its own. */
export function openReport(): Report {
	let text = "";
	let namespace: Promise<ReportedNamespace> | null = null;
	return {
		take(chunk) {
			if (text.length < longestReport) text += chunk.toString();
			const pid = /"child-pid": (\d+)/.exec(text)?.[1];
			const inode = /"pid-namespace": (\d+)/.exec(text)?.[1];
			if (pid && inode) namespace ??= readProcess(Number(pid)).then((first) => ({ name: `pid:[${inode}]`, first }));
		},
		namespace: async () => namespace,
		commandEnded: () => text.includes('"exit-code"'),
	};
}
