import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";
import { toolOf } from "../project.ts";

/** What the lockfile says and what is asked for do not agree. */
export const lockfileCauses: readonly Cause[] = [
	{
		id: "lockfile_broken",
		name: "The lockfile cannot be read",
		steps: ["install"],
		patterns: [
			/(?<certain>ERR_PNPM_BROKEN_LOCKFILE|Unknown token[^\n]{0,200}yarn\.lock|Failed to parse lockfile|merge conflict[^\n]{0,60}lock)/i,
			/npm ci.{0,60}can only install with an existing package-lock|ERR_PNPM_(?:OUTDATED_LOCKFILE|NO_LOCKFILE)/,
		],
		async explain({ groups, circumstances }) {
			const { lockfile, install } = toolOf(circumstances);
			const text = (await circumstances.files?.read(lockfile)) ?? null;
			const conflict = text !== null && /^<{7} /m.test(text);
			const unread = text !== null && lockfile === "package-lock.json";
			if (!groups.certain && !conflict && !unread) return null;
			return {
				message: conflict
					? `${lockfile} holds the marks of a merge that was not resolved (“<<<<<<<”), so that it cannot be read.`
					: `${lockfile} cannot be read: it is damaged, or of a kind this version does not know.`,
				action: `Delete ${lockfile}, run ${install} where you develop, commit the new one, push and deploy again.`,
			};
		},
	},
	{
		id: "lockfile_missing",
		name: "The lockfile is missing",
		steps: ["install"],
		patterns: [
			/npm ci.{0,60}can only install with an existing package-lock/,
			/ERR_PNPM_NO_LOCKFILE/,
			/(?:The lockfile is missing|lockfile not found).{0,40}frozen/i,
		],
		explain({ circumstances }) {
			const { lockfile, install } = toolOf(circumstances);
			return {
				message: `${circumstances.command} needs ${lockfile}, and the repository has none.`,
				action: `Run ${install} where you develop, commit ${lockfile} (it must not be in .gitignore), push and deploy again.`,
			};
		},
	},
	{
		id: "lockfile_outdated",
		name: "The lockfile does not fit the list of dependencies",
		steps: ["install", "build"],
		patterns: [
			/Missing: (?<package>\S+@\S+) from lock file/,
			/Invalid: lock file's (?<package>\S+) does not satisfy/,
			/npm ci.{0,80}can only install.{0,80}in sync/,
			/ERR_PNPM_OUTDATED_LOCKFILE/,
			/ERR_PNPM_LOCKFILE_CONFIG_MISMATCH/,
			/Your lockfile needs to be updated/,
			/YN0028/,
			/lockfile had changes, but lockfile is frozen/i,
			/the lockfile can't be updated because (?:frozen mode|.*frozen)|trying to install in deployment mode after changing/i,
			/cannot update the lock file .{0,200} because --locked was passed|lock file .{0,200} needs to be updated but --locked/,
			/lock file is not up to date with the latest changes in composer\.json/,
		],
		explain({ groups, circumstances }) {
			const { lockfile, install } = toolOf(circumstances);
			const which = groups.package ? ` It lacks ${quote(groups.package)}.` : "";
			const list = { bundle: "Gemfile", cargo: "Cargo.toml", composer: "composer.json" }[toolOf(circumstances).tool] ?? "package.json";
			return {
				message: `${lockfile} does not fit ${list}: one was changed without the other.${which}`,
				action: `Run ${install} where you develop, commit the changed ${lockfile}, push and deploy again.`,
			};
		},
	},
	{
		id: "integrity_mismatch",
		name: "A package is not the one in the lockfile",
		steps: ["install"],
		patterns: [
			/EINTEGRITY[\s\S]{0,300}?(?:resolving|verification failed|for) (?<package>\S+\/\S+|\S+@\S+)/,
			/EINTEGRITY/,
			/ERR_PNPM_TARBALL_INTEGRITY/,
			/Integrity check failed for "?(?<package>[^"\s]+)/i,
			/The archive doesn't match its expected checksum|checksum mismatch|YN0018/i,
			/Bad .{0,20}checksum|IntegrityCheckFailed/i,
		],
		explain({ groups, circumstances }) {
			const { lockfile, install } = toolOf(circumstances);
			const what = groups.package ? quote(groups.package) : "A package";
			return {
				message: `${what} that the registry sent is not the one ${lockfile} was written with: their checksums differ.`,
				action: `If nobody tampered with it (a registry of your own may repack it), delete ${lockfile}, run ${install}, commit it, push and deploy again.`,
			};
		},
	},
];
