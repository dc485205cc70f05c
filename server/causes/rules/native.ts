import type { Cause, Found } from "../cause.ts";
import { quote } from "../cause.ts";

const inModules = /node_modules\/((?:@[^/\s'"]+\/)?[^/\s'"]+)/;

/** The package it is about: the one named beside the finding, or the one whose install script npm names. */
function packageOf(found: Found): string | null {
	const name = nameOf(found);
	return name === null ? null : quote(name);
}

function nameOf({ near, circumstances }: Found): string | null {
	const scripted = circumstances.lines.find((line) => /^npm (?:error|ERR!) path /.test(line));
	const name = (scripted && inModules.exec(scripted)?.[1]) || inModules.exec(near)?.[1];
	return !name || /^(?:\.bin|npm|node-gyp|bindings|prebuild-install|node-gyp-build|@mapbox|\.pnpm)$/.test(name) ? null : name;
}

/** Code that was compiled for a machine, or has to be. */
export const nativeCauses: readonly Cause[] = [
	{
		id: "platform_package_missing",
		name: "The lockfile was made on another kind of machine",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/Cannot find module @?(?<package>@rollup\/rollup-linux[\w-]{1,40})/,
			/Cannot find module '(?<package>(?:@rollup\/rollup|@esbuild\/|@swc\/core|lightningcss|@tailwindcss\/oxide|@next\/swc|@parcel\/watcher|@oxc-[\w-]+\/|@rolldown\/binding|@napi-rs\/|@biomejs\/)[\w/-]*linux[\w-]{0,40})'/,
			/The package "(?<package>@esbuild\/[\w-]{1,40})" could not be found, and is needed by esbuild/,
			/You installed esbuild for another platform/,
			/Could not load the "(?<package>sharp)" module using the linux/,
			/Cannot find module '\.\.\/(?<package>lightningcss)\.linux/,
			/Your bundle only supports platforms (?<platforms>\[[^\]\n]{1,200}\]) but your local platform/,
			/Failed to load SWC binary for linux/,
		],
		explain: ({ groups, circumstances: { command } }) =>
			groups.platforms
				? {
						message: `Gemfile.lock was made for ${groups.platforms.replaceAll('"', "")} only, and this machine runs Linux.`,
						action: "Run bundle lock --add-platform x86_64-linux where you develop, commit Gemfile.lock, push and deploy again.",
					}
				: {
						message: `${groups.package ? quote(groups.package) : "The part of a package for this machine"}, compiled for Linux, was not installed: the lockfile was made on another system, or optional dependencies are left out.`,
						action:
							`Delete node_modules and the lockfile, install again where you develop, commit the new lockfile, push and deploy again. ${command.includes("omit=optional") ? "Do not leave out optional dependencies." : ""}`.trim(),
					},
	},
	{
		id: "native_module_other_node",
		name: "A native module was built for another Node",
		steps: ["build", "test", "start"],
		patterns: [/was compiled against a different Node\.js version|ERR_DLOPEN_FAILED|invalid ELF header|Module did not self-register/],
		explain: (found) => {
			return {
				message: `${packageOf(found) ?? "A native module"} was compiled for another Node version or another system.`,
				action: "Do not commit node_modules, and build and run with the same Node version (engines.node in package.json). Then retry.",
			};
		},
	},
	{
		id: "native_module_not_built",
		name: "A native module was installed without its compiled part",
		steps: ["build", "test", "start"],
		patterns: [
			/Could not locate the bindings file/,
			/Cannot find module '[^']{0,200}?(?<file>(?:build\/(?:Release|Debug)|prebuilds|lib\/binding)\/[^']{1,120}\.node)'/,
			/No native build was found for platform/,
		],
		explain: (found) => {
			return {
				seen: { package: nameOf(found) ?? "" },
				message: `${packageOf(found) ?? "A native module"} lacks its compiled part: its install script did not run.`,
				action:
					"Allow its install script (npm install-scripts approve, or pnpm approve-builds, writes it into package.json), or use a package without native code. Commit that, push and deploy again.",
			};
		},
	},
	{
		id: "compiler_missing",
		name: "A native module needs a compiler",
		steps: ["install", "build"],
		patterns: [
			/(?:gyp|node-gyp)[^\n]{0,80}(?<tool>Python)[^\n]{0,60}(?:not found|Could not find|is not set)/i,
			/Could not find any (?<tool>Python) installation to use/i,
			/not found: (?<tool>make)\b/,
			/(?<tool>g\+\+|gcc|cc|clang|c\+\+|make|cmake|pkg-config): (?:not found|No such file or directory|command not found)/,
			/(?<tool>g\+\+|gcc|cc|c\+\+): Command not found/,
			/linker `(?<tool>cc|gcc|clang)` not found/,
			/command '(?<tool>gcc|cc|x86_64-linux-gnu-gcc|g\+\+)' failed: No such file/,
			/You have to install development tools first/,
			/"(?<tool>gcc|cc)": executable file not found/,
		],
		explain: (found) => {
			const { tool } = found.groups;
			return {
				message: `${packageOf(found) ?? "A dependency"} has to be compiled, and ${tool ? quote(tool) : "a compiler"} is not on this machine.`,
				action:
					"Use a version of it that comes compiled, or let an administrator install a compiler (on Debian: apt-get install build-essential python3), and retry.",
			};
		},
	},
	{
		id: "system_library_missing",
		name: "A system library is missing",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/fatal error: (?<library>[\w./+-]{1,120}\.h(?:pp)?): No such file or directory/,
			/error while loading shared libraries: (?<library>[\w.+-]{1,80}): cannot open shared object/,
			/(?<library>lib[\w.+-]{1,80}\.so[\w.]{0,20}): cannot open shared object file/,
			/Error: (?<library>pg_config) executable not found/,
			/Package '?(?<library>[\w.+-]{1,60})'?,? (?:required by|was not found in the pkg-config|, required by)/,
			/version `(?<library>GLIBC_[\d.]{1,12})' not found/,
		],
		explain: ({ groups }) => ({
			message: `A library of the operating system, ${quote(groups.library ?? "")}, is needed and is not on this machine.`,
			action:
				"Let an administrator install the package that holds it (its -dev package to compile against it), or use a dependency that brings it along, and retry.",
		}),
	},
	{
		id: "browser_missing",
		name: "A browser is not installed",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/Executable doesn't exist at|Could not find Chrom(?:e|ium)|Failed to launch the browser process|playwright install|Cypress executable not found|No binary for Chrome/i,
		],
		explain: ({ circumstances: { command, step } }) => ({
			message: `${command} wants to start a browser, and there is none where projects are built.`,
			action:
				step === "test"
					? "Keep browser tests in a script of their own, so that “test” runs without a browser, and retry."
					: "Do that step where you develop and commit its result, or leave it out of the build, push and deploy again.",
		}),
	},
	{
		id: "download_blocked",
		name: "An install script cannot download its program",
		steps: ["install", "build"],
		patterns: [
			/(?<url>https?:\/\/binaries\.prisma\.sh\/[^\s]{0,200})/,
			/request to (?<url>https?:\/\/(?:github\.com|objects\.githubusercontent\.com|storage\.googleapis\.com|cdn\.playwright\.dev|binaries\.prisma\.sh|download\.cypress\.io)[^\s]{0,300}) failed/,
			/(?:RequestError|HTTPError|FetchError|Error): getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<url>github\.com|objects\.githubusercontent\.com|storage\.googleapis\.com|[\w.-]{0,80}(?:prisma|cypress|playwright|chrome|electron)[\w.-]{0,80})/,
			/prebuild-install (?:warn|err!|ERR!)[^\n]{0,200}/i,
			/node-pre-gyp (?:WARN|ERR!)[^\n]{0,40}(?:request|Tried to download)[^\n]{0,60}(?<url>https?:\/\/\S{1,300})?/,
			/Failed to (?:download|set up) (?:Chrom\w+|chrome)[^\n]{0,200}/i,
			/(?:github\.com|githubusercontent\.com)[^\n]{0,200}(?:ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNRESET|403)/,
		],
		explain: (found) => {
			const url = found.groups.url || /https?:\/\/[^\s/'"]{1,100}/.exec(found.near)?.[0] || "";
			const host = url.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
			const name = packageOf(found) ?? "The install script of a dependency";
			return {
				message: `${name} downloads a program${host ? ` from ${quote(host)}` : ""}, and that could not be reached.`,
				action:
					"Retry in a moment. If this machine may not reach that server, use a version that brings its program along, or a mirror by the variable its documentation names.",
			};
		},
	},
];
