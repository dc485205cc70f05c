/**
 * A command that needs the port as an argument: `command` may name `$PORT` and is a fixed text of ours; what comes from the
 * repository goes into `args`, which the shell hands on untouched, at the end or where the text names `"$1"`. It runs inside the
 * sandbox alone.
 */
export function withPort(command: string, args: readonly string[] = []): string[] {
	const text = args.length === 0 || command.includes('"$1"') ? `exec ${command}` : `exec ${command} "$@"`;
	return args.length === 0 ? ["sh", "-c", text] : ["sh", "-c", text, "start", ...args];
}

/** Ways to write a port into a program that says nothing of `PORT`. */
const literals = [
	/\blisten(?:AndServe|_and_serve)?\s*\(\s*["'`](?:[\w.-]*|\[::\]):(\d{2,5})["'`]/i,
	/\b(?:port|PORT)\b["']?\s*(?::\s*[\w<>]+\s*)?(?:=>|[:=])\s*(\d{2,5})\b/,
	/\b(?:HTTPServer|ThreadingHTTPServer|TCPServer|ThreadingTCPServer)\s*\(\s*\(\s*["'][^"']*["']\s*,\s*(\d{2,5})\s*\)/,
	/\bmake_server\s*\(\s*["'][^"']*["']\s*,\s*(\d{2,5})\b/,
	/\bTCPServer\.new\s*\(?\s*(?:["'][^"']*["']\s*,\s*)?(\d{2,5})\b/,
	/\bInetSocketAddress\s*\(\s*(?:["'][^"']*["']\s*,\s*)?(\d{2,5})\s*\)/,
	/\bbind\s*\(\s*["'](?:[\d.]+|\[::\]):(\d{2,5})["']/,
	/\.run\s*\([^)\n]*\bport\s*=\s*(\d{2,5})\b/,
	/\b(?:Run|Start|Listen)\s*\(\s*["'`](?:[\w.-]*|\[::\]):(\d{2,5})["'`]/,
];

/** The port a program listens on whatever `PORT` says; null when it follows `PORT`, or does not say. */
export function fixedPort(text: string): number | null {
	if (/\bPORT\b["'\])]/.test(text) || /\$PORT\b|env\.PORT\b/.test(text)) return null;
	for (const pattern of literals) {
		const port = Number(pattern.exec(text)?.[1]);
		if (port >= 1 && port <= 65_535) return port;
	}
	return null;
}
