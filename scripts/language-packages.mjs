import { access, readdir } from "node:fs/promises";
import { installPackage } from "./system-packages.mjs";

/**
 * Languages of the fixture projects: Debian's package, and a file that tells that it is installed. Some 300 MB in all, a minute on an
 * ordinary line. Left out: Maven, Gradle, Composer and the like, whose fixtures would need registries of their own.
 */
const languages = [
	{ name: "python3-venv", file: "/usr/lib/python3.*/ensurepip" },
	{ name: "golang-go", file: "/usr/bin/go" },
	{ name: "php-cli", file: "/usr/bin/php" },
	{ name: "ruby", file: "/usr/bin/ruby" },
	{ name: "cargo", file: "/usr/bin/cargo" },
	{ name: "default-jdk-headless", file: "/usr/bin/javac" },
	{ name: "hugo", file: "/usr/bin/hugo" },
];

/** Installs the languages that are missing where builds see programs, in /usr, and says which are missing then. */
export async function installLanguages() {
	const before = await missing();
	if (before.length === 0) return;
	if (!(await installPackage(...before))) for (const name of before) await installPackage(name);
	const after = await missing();
	if (after.length > 0) console.log(`Not installed, and tests of projects that need them are skipped: ${after.join(", ")}.`);
}

async function missing() {
	const found = await Promise.all(languages.map(async ({ name, file }) => ((await isThere(file)) ? [] : [name])));
	return found.flat();
}

async function isThere(pattern) {
	const [folder, prefix, rest] = /^(.*\/)([^/]*)\*(.*)$/.exec(pattern)?.slice(1) ?? [];
	if (folder === undefined) return exists(pattern);
	for (const name of await readdir(folder).catch(() => []))
		if (name.startsWith(prefix) && (await exists(`${folder}${name}${rest}`))) return true;
	return false;
}

function exists(file) {
	return access(file).then(
		() => true,
		() => false,
	);
}
