/** Words of builders that say nothing to who uses what they built. */
export const jargon =
	/\b(?:backend|frontend|web ?sockets?|socket|stack(?: ?trace)?|null|undefined|exceptions?|payloads?|endpoints?|(?:server|internal) error|invalid input|HTTP|SQL|JSON object|E(?:CONN|NOENT|PIPE|ACCES)\w*|\w+Error)\b|\bat \w+ \(|\{"|oops|!/i;

/** A status of an answer, as nobody but a program reads it. */
export const statusCode = /\b[1-5]\d{2}\b/;
