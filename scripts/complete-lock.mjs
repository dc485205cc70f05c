// npm run lock: names in package-lock.json the optional packages of every platform.
// npm leaves out those it could not look up on the machine that wrote the lock, and `npm ci` then refuses the lock as incomplete.
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const lock = JSON.parse(await readFile("package-lock.json", "utf8"));
	const missing = missingOptional(lock);
	for (const { name, version, dev } of missing) {
		lock.packages[`node_modules/${name}`] = { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true };
	}
	lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
	if (missing.length > 0) await writeFile("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
	console.log(`${missing.length} optional packages of other platforms added to package-lock.json.`);
}

/** Optional dependencies that some package of the lock asks for at one exact version, and that the lock does not name. */
export function missingOptional(lock) {
	return Object.entries(lock.packages).flatMap(([place, { optionalDependencies = {}, dev = false }]) =>
		Object.entries(optionalDependencies)
			.filter(([name, version]) => /^\d+\.\d+\.\d+[^ ]*$/.test(version) && !visibleFrom(place, name).some((path) => lock.packages[path]))
			.map(([name, version]) => ({ name, version, dev })),
	);
}

/** Where Node looks for a package, from the place of another one outwards. */
function visibleFrom(place, name) {
	const inner = place === "" ? [] : [`${place}/node_modules/${name}`];
	const outer = place.lastIndexOf("/node_modules/");
	if (place === "") return [`node_modules/${name}`];
	return [...inner, ...visibleFrom(outer < 0 ? "" : place.slice(0, outer), name)];
}

/** Packages of one platform carry it in their name: oxide-linux-arm64-musl. npm passes over those of another platform. */
function platformOf(name) {
	const [, os, cpu, libc] =
		/-(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-?[a-z]*?(musl|gnu|msvc|eabi).*)?$/.exec(
			name,
		) ?? [];
	if (name.includes("wasm32")) return { cpu: ["wasm32"] };
	if (!os) return {};
	return { cpu: [cpu], os: [os], ...(os === "linux" && libc ? { libc: [libc === "musl" ? "musl" : "glibc"] } : {}) };
}
