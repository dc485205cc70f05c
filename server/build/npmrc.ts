import { npmrcVariable } from "../secrets/npmrc.ts";

/** Constant text: what is written comes from the environment, into the run's own home, which lives in memory and ends with it. */
const writeAndGoOn = `umask 077 && printf '%s\\n' "$${npmrcVariable}" > "$HOME/.npmrc" && unset ${npmrcVariable} && exec "$@"`;

/** The command as it is started: with the project's `.npmrc` in its home, where there is one. */
export function withNpmrc(argv: readonly string[], env: Readonly<Record<string, string>>): readonly string[] {
	return env[npmrcVariable] === undefined ? argv : ["/bin/sh", "-c", writeAndGoOn, "sh", ...argv];
}
