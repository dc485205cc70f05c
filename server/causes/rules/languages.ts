import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

/** Go, PHP, Ruby, Rust and Java. */
export const languageCauses: readonly Cause[] = [
	{
		id: "go_version",
		name: "Another Go version is asked for",
		steps: ["install", "build", "test"],
		patterns: [
			/go\.mod requires go >= (?<wanted>[\d.]+) \(running go (?<got>[\d.]+)/,
			/invalid go version '(?<wanted>[\d.]+)': must match format/,
			/note: module requires Go (?<wanted>[\d.]+)/,
			/go: download go(?<wanted>[\d.]+)[^\n]{0,200}(?:toolchain not available|not found|dial tcp|lookup)/,
		],
		explain: ({ groups }) => ({
			message: `go.mod asks for Go ${groups.wanted}, and ${groups.got ? `Go ${groups.got}` : "an older one"} is on this machine.`,
			action: "Let an administrator install that version, or lower the go line in go.mod if the code allows it, and retry.",
		}),
	},
	{
		id: "go_module_missing",
		name: "A Go module is not in go.mod",
		steps: ["install", "build", "test"],
		patterns: [
			/no required module provides package (?<package>[^\s;:]{1,200})/,
			/cannot find module providing package (?<package>[^\s;:]{1,200})/,
			/cannot find package "(?<package>[^"]{1,200})"/,
		],
		explain: ({ groups }) => ({
			message: `The code imports ${quote(groups.package ?? "")}, and no module in go.mod holds it.`,
			action: `Run go mod tidy where you develop, commit go.mod and go.sum, push and deploy again.`,
		}),
	},
	{
		id: "go_sum_outdated",
		name: "go.sum does not fit go.mod",
		steps: ["install", "build", "test"],
		patterns: [
			/missing go\.sum entry (?:for module providing package |for go\.mod file; to add it:|needed [^\n]{0,60} )?(?<package>[\w./@-]{3,200})?/,
			/updates to go\.(?:mod|sum) needed/,
			/(?:verifying|SECURITY ERROR)[^\n]{0,200}checksum mismatch/,
		],
		explain: ({ groups }) => ({
			message: `go.sum does not fit go.mod${groups.package ? `: it lacks ${quote(groups.package)}` : ""}.`,
			action: "Run go mod tidy where you develop, commit go.mod and go.sum, push and deploy again.",
		}),
	},
	{
		id: "php_extension_missing",
		name: "A PHP extension is missing",
		steps: ["install", "build", "start"],
		patterns: [
			/requires? (?:PHP extension )?ext-(?<extension>[\w-]{1,40})[^\n]{0,40}(?:it is missing from your system|but it is missing)/,
			/requires PHP extension ext-(?<extension>[\w-]{1,40})/,
			/Call to undefined function (?<call>(?<prefix>mb|curl|imagecreate|gd|json|simplexml|bc|intl|iconv|openssl|sodium|mysqli|pg|ctype|gmp|zip)_?\w{0,60})\(/,
			/Class "(?<class>PDO|SimpleXMLElement|DOMDocument|NumberFormatter|IntlDateFormatter|ZipArchive|Redis|mysqli|SoapClient|XMLReader)" not found/,
			/could not find driver/,
		],
		explain({ groups }) {
			const of: Readonly<Record<string, string>> = {
				mb: "mbstring",
				imagecreate: "gd",
				bc: "bcmath",
				pg: "pgsql",
				PDO: "pdo",
				SimpleXMLElement: "simplexml",
				DOMDocument: "dom",
				NumberFormatter: "intl",
				IntlDateFormatter: "intl",
				ZipArchive: "zip",
				Redis: "redis",
				SoapClient: "soap",
				XMLReader: "xmlreader",
			};
			const key = groups.extension || groups.prefix || groups.class || "";
			const name = of[key] ?? (key === "" ? "of its database" : key);
			return {
				message: `The app needs the PHP extension ${quote(name)}, which is not on this machine${groups.call ? ` (it calls ${groups.call}())` : ""}.`,
				action: `Let an administrator install it (on Debian: apt-get install php-${name === "of its database" ? "mysql or php-pgsql" : name}), and retry.`,
			};
		},
	},
	{
		id: "php_version",
		name: "Another PHP version is asked for",
		steps: ["install", "build", "start"],
		patterns: [
			/requires php (?<wanted>[^\n]{1,60}?) but your php version \((?<got>[\d.]+)/,
			/require a PHP version "(?<wanted>[^"]{1,40})"\. You are running (?<got>[\d.]+)/,
		],
		explain: ({ groups }) => ({
			message: `The project asks for PHP ${quote(groups.wanted ?? "")}, and PHP ${groups.got} is on this machine.`,
			action: "Change what composer.json asks for, if the code allows it, or let an administrator install that version. Then retry.",
		}),
	},
	{
		id: "php_autoload_missing",
		name: "Composer's packages were not installed",
		steps: ["build", "test", "start"],
		patterns: [/Failed opening required '[^'\n]{0,200}vendor\/autoload\.php'|vendor\/autoload\.php\): Failed to open stream/],
		explain: () => ({
			message: "The app loads vendor/autoload.php, and Composer has not made it: the packages were not installed.",
			action: "Commit composer.json with composer.lock beside the app, so that composer install runs, push and deploy again.",
		}),
	},
	{
		id: "ruby_version",
		name: "Another Ruby version is asked for",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/Your Ruby version is (?<got>[\d.]+),? but your Gemfile specified (?<wanted>[^\n]{1,40})/,
			/requires Ruby version (?<wanted>[^\n.]{1,40})/,
			/requires ruby version (?<wanted>[^,\n]{1,40}), which is incompatible with the current version, (?:ruby )?(?<got>[\d.]+)/i,
		],
		explain: ({ groups }) => ({
			message: `The Gemfile, or a gem, asks for Ruby ${quote((groups.wanted ?? "").trim())}${groups.got ? `, and Ruby ${groups.got} is on this machine` : ""}.`,
			action: "Change the ruby line in the Gemfile, if the code allows it, or let an administrator install that version. Then retry.",
		}),
	},
	{
		id: "bundler_version",
		name: "Another Bundler version is asked for",
		steps: ["install", "build", "start"],
		patterns: [
			/You must use Bundler (?<wanted>\S{1,20})/,
			/(?:Could not find 'bundler'|can't find gem bundler) \((?:= )?(?<wanted>[\d.]{1,20})\)/,
		],
		explain: ({ groups }) => ({
			message: `Gemfile.lock was written by Bundler ${groups.wanted}, which is not on this machine.`,
			action: "Run bundle update --bundler with the version you have, commit Gemfile.lock, push and deploy again.",
		}),
	},
	{
		id: "gem_missing",
		name: "A gem is not installed",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/Could not find gem '(?<gem>[\w-]{1,80})/,
			/Could not find (?<gem>[\w-]{1,80}?)-\d[\w.-]{0,40}(?:, [^\n]{0,200})? in (?:any of the sources|locally installed gems|cached gems)/,
			/cannot load such file -- (?<gem>[\w/-]{1,80}) \(LoadError\)/,
		],
		explain: ({ groups }) => ({
			message: `Ruby does not find the gem ${quote((groups.gem ?? "").split("/", 1)[0] ?? "")}: it is not in the Gemfile, or it was not installed.`,
			action: "Add it to the Gemfile, run bundle install where you develop, commit Gemfile and Gemfile.lock, push and deploy again.",
		}),
	},
	{
		id: "rust_version",
		name: "Another Rust version is asked for",
		steps: ["install", "build", "test"],
		patterns: [
			/feature `(?<feature>edition\d{4})` is required/,
			/this version of Cargo is older than the `(?<edition>\d{4})` edition/,
			/(?:package|rustc) [^\n]{0,160}requires rustc (?<wanted>[\d.]+)(?: or newer)?,? (?:while|which is)[^\n]{0,60}?(?:rustc|version) (?<got>[\d.]+)/,
			/rustc (?<got>[\d.]+) is not supported by the following packages?:[\s\S]{0,200}?requires rustc (?<wanted>[\d.]+)/,
			/supported edition values are[^\n]{0,200}but `(?<edition>\d{4})` is unknown/,
			/requires rustc (?<wanted>[\d.]+)/,
		],
		explain: ({ groups }) => ({
			message: `The project asks for ${groups.wanted ? `Rust ${groups.wanted}` : `the Rust edition ${(groups.edition || groups.feature || "").replace("edition", "")}`}, and ${groups.got ? `Rust ${groups.got}` : "an older Rust"} is on this machine.`,
			action: "Lower rust-version or edition in Cargo.toml, if the code allows it, or let an administrator update Rust. Then retry.",
		}),
	},
	{
		id: "java_version",
		name: "Another Java version is asked for",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/(?:release version|invalid (?:target|source) release:?) (?<wanted>\d+)(?: not supported)?/,
			/has been compiled by a more recent version of the Java Runtime \(class file version (?<class>\d+)/,
			/requires (?:at least )?(?:JVM runtime version|Java) (?<wanted>\d+)/,
			/languageVersion=(?<wanted>\d+)[^\n]{0,200}(?:No matching toolchains|could not be found)|No matching toolchains[\s\S]{0,200}languageVersion=(?<other>\d+)/,
		],
		explain({ groups }) {
			const wanted = groups.class ? String(Number(groups.class) - 44) : groups.wanted || groups.other;
			return {
				message: `The project asks for Java ${wanted}, and the Java on this machine is older.`,
				action:
					"Lower the release in pom.xml or build.gradle, if the code allows it, or let an administrator install that version. Then retry.",
			};
		},
	},
	{
		id: "java_main_missing",
		name: "The jar says not which class to start",
		steps: ["start"],
		patterns: [
			/no main manifest attribute, in (?<jar>\S{1,200})/,
			/Could not find or load main class (?<class>\S{1,200})/,
			/Unable to access jarfile (?<missing>\S{1,200})/,
		],
		explain: ({ groups }) =>
			groups.missing
				? {
						message: `There is no ${quote(groups.missing)}: the build made a jar of another name, or none.`,
						action: "Name the jar the build makes in the start command (look under target/ or build/libs/), and retry.",
					}
				: {
						message: `Java does not know what to start: ${groups.jar ? `${quote(groups.jar)} names no main class` : `the class ${quote(groups.class ?? "")} is not there`}.`,
						action: "Let the build make a jar that can be started (the Spring Boot plugin, or Main-Class in its manifest), and retry.",
					},
	},
];
