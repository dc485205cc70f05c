/** The project's variable that holds the content of an `.npmrc` for its builds. */
export const npmrcVariable = "NPM_RC";

/** The tokens and passwords in the text of an `.npmrc`, but for those that only name a variable. */
export function secretsInNpmrc(text: string): string[] {
	const values = [...text.matchAll(/(?:^|:)(?:_authToken|_auth|_password)\s*=\s*("?)([^\s"]+)\1/gm)].map((match) => match[2] ?? "");
	return values.filter((value) => value !== "" && !value.startsWith("$"));
}
