/** Figures as people read them. Pure, and the same on the server and in the browser (no locale, no time zone). */

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A finished duration: "< 0.1 s", "0.4 s", "12 s", "1 min 12 s", "2 h 5 min". */
export function formatDuration(ms: number): string {
	const tenths = Math.round(Math.max(0, ms) / 100) / 10;
	if (tenths === 0) return "< 0.1 s";
	if (tenths < 10) return `${tenths.toFixed(1)} s`;
	return formatElapsed(Math.round(Math.max(0, ms) / secondMs) * secondMs);
}

/** A running time in whole seconds, rounded down, so that it never counts backwards: "0 s", "1 min 02 s". */
export function formatElapsed(ms: number): string {
	const seconds = Math.floor(Math.max(0, ms) / secondMs);
	if (seconds < 60) return `${seconds} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
	return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** How long ago something was: "just now", "3 min ago", "2 days ago". */
export function formatAgo(ms: number): string {
	if (ms < 10 * secondMs) return "just now";
	if (ms < minuteMs) return `${Math.floor(ms / secondMs)} s ago`;
	if (ms < hourMs) return `${Math.floor(ms / minuteMs)} min ago`;
	if (ms < dayMs) return `${Math.floor(ms / hourMs)} h ago`;
	const days = Math.floor(ms / dayMs);
	return days === 1 ? "yesterday" : `${days} days ago`;
}

/** A size in decimal units: "512 B", "3.1 MB". */
export function formatBytes(bytes: number): string {
	const units = ["B", "kB", "MB", "GB", "TB"];
	let size = Math.max(0, bytes);
	let unit = 0;
	while (size >= 999.5 && unit < units.length - 1) {
		size /= 1000;
		unit++;
	}
	const shown = unit === 0 || size >= 99.95 ? Math.round(size).toString() : size.toFixed(1);
	return `${shown} ${units[unit]}`;
}

/** A count with its noun: "1 file", "1,214 files". */
export function formatCount(count: number, noun: string, plural = `${noun}s`): string {
	return `${groupThousands(count)} ${count === 1 ? noun : plural}`;
}

/** An amount of US dollars: "$0.00", "< $0.01", "$1,214.50". */
export function formatUsd(usd: number): string {
	if (usd > 0 && usd < 0.01) return "< $0.01";
	const cents = Math.round(Math.max(0, usd) * 100);
	return `$${groupThousands(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, "0")}`;
}

/** "12,345" */
export function groupThousands(count: number): string {
	return Math.round(count)
		.toString()
		.replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * What comparable runs took, as a range of their middle ("usually 31–40 s"), or null for fewer than three: an estimate
 * that rests on nothing is not shown.
 */
export function formatUsual(durationsMs: readonly number[]): string | null {
	if (durationsMs.length < 3) return null;
	const sorted = [...durationsMs].sort((a, b) => a - b);
	const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
	const [low, high] = [Math.floor(at(0.2) / secondMs), Math.ceil(at(0.8) / secondMs)];
	if (high < 60) return low === high ? `usually ${high} s` : `usually ${low}–${high} s`;
	return `usually ${formatElapsed(low * secondMs)} to ${formatElapsed(high * secondMs)}`;
}

/** The short form of a commit id, as git prints it. */
export function shortCommit(commit: string): string {
	return commit.slice(0, 7);
}

/** A repository address without its protocol and ending, for headings: "github.com/acme/web-shop". */
export function shortSource(url: string): string {
	return url
		.replace(/^[a-z+]+:\/\/(?:[^@/]*@)?/i, "")
		.replace(/\.git\/?$/, "")
		.replace(/\/$/, "");
}

/** Where something came from, as people say it; `brief:` and `upload:` are addresses of no place. */
export function sourceWords(url: string): string {
	if (url.startsWith("brief:")) return "Made from a brief";
	if (url.startsWith("upload:")) return "A folder that was sent";
	return shortSource(url);
}
