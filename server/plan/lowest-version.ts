import semver from "semver";

/**
 * The lowest version that a range of npm, Composer, Cargo, Bundler, PEP 440 or Go lets in, as "3.10" or "3.10.2"; null when it names
 * none. Only the beginning of what is allowed matters here: newer versions of a language are expected to do.
 */
export function lowestVersion(range: string): string | null {
	const plain = range
		.replace(/["']/g, "")
		.replace(/~>\s*|~=\s*/g, ">=")
		.replace(/===?/g, "=")
		.replace(/!=\s*[\d.*]+/g, " ")
		.replace(/\|\|?/g, "||")
		.replace(/,/g, " ")
		.replace(/\.\*/g, ".x")
		.replace(/(^|[^\d.])v(?=\d)/g, "$1")
		// The fourth part of a version says nothing of the language.
		.replace(/(\d+\.\d+\.\d+)[.\w-]+/g, "$1")
		.trim();
	if (!/\d/.test(plain) || semver.validRange(plain) === null) return null;
	const lowest = semver.minVersion(plain);
	if (lowest === null || lowest.version === "0.0.0") return null;
	return lowest.patch === 0 ? `${lowest.major}.${lowest.minor}` : `${lowest.major}.${lowest.minor}.${lowest.patch}`;
}

/** "3.10" of "3.10.2": the part by which images are named. */
export function minorOf(version: string): string {
	return version.split(".").slice(0, 2).join(".");
}
