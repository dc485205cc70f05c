/**
 * How long a provider asks to be left alone, in ms: `retry-after-ms` (OpenAI), or `retry-after` as seconds or a date (RFC 9110,
 * 10.2.3). null when it says nothing that can be read. A date that has passed is 0.
 */
export function readRetryAfter(headers: Readonly<Record<string, string | undefined>>, nowMs: number): number | null {
	const precise = headers["retry-after-ms"]?.trim() ?? "";
	if (/^\d{1,12}(\.\d+)?$/.test(precise)) return Math.ceil(Number(precise));
	const text = headers["retry-after"]?.trim() ?? "";
	if (/^\d{1,9}(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
	// A bare number or word is a date to JavaScript; one of HTTP begins with the day's name.
	if (!/^[A-Z][a-z]{2,8}, /.test(text)) return null;
	const date = Date.parse(text);
	return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}
