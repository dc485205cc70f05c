import { readExampleVariables } from "../../plan/env-example.ts";
import { changeQuaysideFile } from "../json-file.ts";
import type { Rule, Trouble } from "../rule.ts";

const secretName = /SECRET|TOKEN|PASS|PWD|KEY|CRED|PRIVATE|AUTH|SALT|CERT|DSN|SIGN/i;
const placeholder = /your|change|replace|todo|xxx|example\.|placeholder|insert|fill|dummy|<|\.\.\.|…/i;
/** Services of the machine where the project is developed are not here; an address with a password is a secret. */
const elsewhere = /localhost|127\.0\.0\.1|::1|host\.docker|:\/\/[^/\s]*@/i;

/** True for a value that the repository itself gives away: no secret, no placeholder, nothing that is different here. */
export function isKnowable(name: string, value: string): boolean {
	return value !== "" && value.length <= 500 && !secretName.test(name) && !placeholder.test(value) && !elsewhere.test(value);
}

/** Variables of the repository's example that the failure names and the project does not set. */
async function namedVariables({ project, failure, variables }: Trouble): Promise<[string, string][]> {
	const said = new Set([failure.message ?? "", ...(failure.lines ?? [])].flatMap((line) => line.match(/\b[A-Za-z_]\w*\b/g) ?? []));
	return [...(await readExampleVariables(project))].filter(([name]) => said.has(name) && !variables.has(name));
}

export const environmentRules: readonly Rule[] = [
	{
		causes: ["env_missing"],
		async repair(trouble) {
			const named = await namedVariables(trouble);
			const known = named.filter(([name, value]) => isKnowable(name, value));
			// A variable that nobody but its owner knows is asked for: the failure says so.
			if (known.length === 0 || known.length < named.length) return null;
			const env = Object.fromEntries(known);
			const change = await changeQuaysideFile(trouble, { env });
			const names = known.map(([name]) => name).join(", ");
			return change && { title: `Set ${names} to what the repository's example of an environment file says`, changes: [change] };
		},
	},
];
