import type { Evidence, Tool } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import { lowestVersion } from "./lowest-version.ts";
import { lineOf } from "./provider.ts";

export interface RubyProject {
	/** Text of the Gemfile; null without one. */
	gemfile: string | null;
	/** True when the Gemfile, or its lockfile, names the gem. */
	has(gem: string): boolean;
	/** Where the Gemfile names a gem. */
	evidence(gem: string, means: string): Evidence;
	/** null where there is nothing to install. */
	install: string[] | null;
	/** Puts `bundle exec` before a command where there is a Gemfile. */
	run(...command: string[]): string[];
	tools: Tool[];
	version: string | null;
	env: Record<string, string>;
	seen: Evidence[];
	warnings: string[];
}

/** What Gemfile, lockfile and `.ruby-version` say. */
export async function readRuby(workspace: Workspace): Promise<RubyProject> {
	const gemfile = await workspace.read("Gemfile");
	const lock = await workspace.read("Gemfile.lock", 1024 * 1024);
	const ruby = await rubyVersion(workspace, gemfile);
	const named = (gem: string) => new RegExp(`^\\s*gem\\s*\\(?\\s*["']${gem}["']`, "m").test(gemfile ?? "");
	const tools: Tool[] = [{ name: "ruby", version: ruby.version }];
	if (gemfile !== null) tools.push({ name: "bundler", version: null });
	return {
		gemfile,
		has: (gem) => named(gem) || new RegExp(`^ {4}${gem} \\(`, "m").test(lock ?? ""),
		evidence: (gem, means) => {
			const line = lineOf(gemfile ?? "", `"${gem}"`) ?? lineOf(gemfile ?? "", `'${gem}'`);
			return { file: named(gem) ? "Gemfile" : "Gemfile.lock", line: named(gem) ? line : lineOf(lock ?? "", ` ${gem} (`), means };
		},
		install: gemfile === null ? null : ["bundle", "install"],
		run: (...command) => (gemfile === null ? command : ["bundle", "exec", ...command]),
		tools,
		version: ruby.version,
		env:
			gemfile === null
				? {}
				: { BUNDLE_PATH: "vendor/bundle", BUNDLE_WITHOUT: "development:test", ...(lock === null ? {} : { BUNDLE_FROZEN: "true" }) },
		seen: [
			...(gemfile === null
				? []
				: [
						{
							file: lock === null ? "Gemfile" : "Gemfile.lock",
							line: null,
							means: `Bundler${lock === null ? "" : ", with exact versions"}`,
						},
					]),
			...ruby.evidence,
		],
		warnings: gemfile !== null && lock === null ? ["There is no lockfile: each build may get other versions of the dependencies."] : [],
	};
}

async function rubyVersion(workspace: Workspace, gemfile: string | null): Promise<{ version: string | null; evidence: Evidence[] }> {
	const file = /^\s*(?:ruby-)?(\d+\.\d+(?:\.\d+)?)/.exec((await workspace.read(".ruby-version", 100)) ?? "")?.[1];
	if (file !== undefined) return { version: file, evidence: [{ file: ".ruby-version", line: 1, means: `Ruby ${file} or newer` }] };
	const said = /^\s*ruby\s*\(?\s*["']([^"']+)["']/m.exec(gemfile ?? "");
	const version = lowestVersion(said?.[1] ?? "");
	if (version === null || said === null) return { version: null, evidence: [] };
	return { version, evidence: [{ file: "Gemfile", line: lineOf(gemfile ?? "", said[0].trim()), means: `Ruby ${version} or newer` }] };
}
