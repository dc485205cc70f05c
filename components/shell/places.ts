/** The pages that lead to all others: where they are, which addresses belong to them, the key after `g` that goes there, and whether the main navigation names them. */
export const places = [
	{ href: "/", name: "Overview", owns: /^\/$/, key: "o", isMain: true },
	{ href: "/projects", name: "Projects", owns: /^\/(projects|deployments)/, key: "p", isMain: true },
	{ href: "/approvals", name: "Approvals", owns: /^\/approvals/, key: "w", isMain: false },
	{ href: "/analytics", name: "Analytics", owns: /^\/analytics/, key: "a", isMain: true },
	{ href: "/system", name: "System", owns: /^\/system/, key: "y", isMain: false },
	{ href: "/settings", name: "Settings", owns: /^\/settings/, key: "s", isMain: true },
] as const;
