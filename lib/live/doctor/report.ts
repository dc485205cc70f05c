import type { Rung } from "./examine.ts";
import { explainFault } from "./fault.ts";
import { rungNames } from "./probe.ts";
import type { Verdict } from "./verdict.ts";

export interface ReportFacts {
	origin: string;
	/** ISO time. */
	at: string;
	userAgent: string;
	/** Protocol of HTTP requests as the browser names it, such as `h2`. */
	httpProtocol: string | null;
	rungs: readonly Rung[];
	verdict: Verdict;
}

/** The findings as text, to be sent to whoever runs the server or its proxy. It holds nothing secret. */
export function reportOf({ origin, at, userAgent, httpProtocol, rungs, verdict }: ReportFacts): string {
	const lines = [
		"Quayside connection report",
		`Address: ${origin}`,
		`Time: ${at}`,
		`Browser: ${userAgent}`,
		`HTTP: ${httpProtocol ?? "not known"}`,
		`Result: ${verdict.title}. ${verdict.text}`,
		...(verdict.advice ? [`Advice: ${verdict.advice}`] : []),
	];
	for (const { kind, state, notes, outcome } of rungs) {
		lines.push("", `${rungNames[kind]}: ${state === "works" ? "works" : "does not work"}`);
		lines.push(...notes.map((note) => `- ${note}`));
		if (outcome?.fault) {
			const { title, text } = explainFault(kind, outcome.fault);
			lines.push(`- ${title}. ${text}`);
		}
	}
	const headers = Object.entries(headersOf(rungs));
	if (headers.length > 0) lines.push("", "Headers of the answers:", ...headers.map(([name, value]) => `- ${name}: ${value}`));
	return `${lines.join("\n")}\n`;
}

/** What the answers say about the way they came, the type of the content left out. */
export function headersOf(rungs: readonly Rung[]): Record<string, string> {
	const all = Object.assign({}, ...rungs.map(({ outcome }) => outcome?.headers ?? {})) as Record<string, string>;
	return Object.fromEntries(Object.entries(all).filter(([name]) => name !== "content-type"));
}
