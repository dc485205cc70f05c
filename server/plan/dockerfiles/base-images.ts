/** Versions that images are pinned to where a project asks for none, or for an older one that they do as well. */
export const imageVersions = {
	node: "24.21",
	bun: "1.3",
	deno: "2.5.6",
	python: "3.13",
	ruby: "3.4",
	php: "8.4",
	go: "1.25",
	rust: "1.90",
	java: "21",
	nginx: "1.28",
	debian: "12.12",
} as const;

/** Programs are run on it that need nothing but the system's libraries. */
export const debianImage = `debian:${imageVersions.debian}-slim`;

/** Serves files without root. */
export const nginxImage = `nginxinc/nginx-unprivileged:${imageVersions.nginx}-alpine`;

/** The pinned version, or the minor one ("3.14") of a project that asks for a newer one. */
export function imageVersion(language: keyof typeof imageVersions, lowest: string | null): string {
	const pinned = imageVersions[language];
	if (lowest === null) return pinned;
	const [has, wants] = [pinned, lowest].map((version) => version.split(".").map(Number));
	const newer = (wants?.[0] ?? 0) > (has?.[0] ?? 0) || (wants?.[0] === has?.[0] && (wants?.[1] ?? 0) > (has?.[1] ?? 0));
	return newer ? lowest.split(".").slice(0, 2).join(".") : pinned;
}
