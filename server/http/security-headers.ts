export interface SecurityHeaderOptions {
	/** Address people open the platform at. */
	publicUrl: string;
	/** Previews answer at `<slug>.<previewDomain>`, on the same port; pages may show them in frames. */
	previewDomain: string;
	/** Development: Next evaluates code and speaks to its own socket. */
	dev: boolean;
}

/** Headers of every answer of the platform, previews not among them. */
export function securityHeaders({ publicUrl }: SecurityHeaderOptions): Record<string, string> {
	return {
		"x-content-type-options": "nosniff",
		"x-frame-options": "DENY",
		"referrer-policy": "same-origin",
		"cross-origin-opener-policy": "same-origin",
		"cross-origin-resource-policy": "same-origin",
		"permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
		...(publicUrl.startsWith("https:") && { "strict-transport-security": "max-age=31536000" }),
	};
}

/**
 * Policy of pages. Scripts run only with the nonce of this very request, which Next reads from the request's own
 * `content-security-policy` header. Styles may be inline: components set positions and sizes that way.
 */
export function pagePolicy({ publicUrl, previewDomain, dev }: SecurityHeaderOptions, nonce: string): string {
	const { protocol, host, port } = new URL(publicUrl);
	const previews = `${protocol}//*.${previewDomain}${port === "" ? "" : `:${port}`}`;
	const socket = `${protocol === "https:" ? "wss" : "ws"}://${host}`;
	return policy({
		"default-src": ["'self'"],
		"script-src": ["'self'", `'nonce-${nonce}'`, "'strict-dynamic'", ...(dev ? ["'unsafe-eval'"] : [])],
		"style-src": ["'self'", "'unsafe-inline'"],
		"img-src": ["'self'", "data:", "blob:"],
		"font-src": ["'self'", "data:"],
		"connect-src": ["'self'", socket, ...(dev ? ["ws:"] : [])],
		"frame-src": [previews],
		"object-src": ["'none'"],
		"base-uri": ["'none'"],
		"form-action": ["'self'"],
		"frame-ancestors": ["'none'"],
	});
}

/** Policy of answers that are no pages: should a browser show one as a page, it can do nothing. */
export const dataPolicy = policy({ "default-src": ["'none'"], "frame-ancestors": ["'none'"], sandbox: [] });

function policy(directives: Record<string, readonly string[]>): string {
	return Object.entries(directives)
		.map(([name, sources]) => [name, ...sources].join(" "))
		.join("; ");
}
