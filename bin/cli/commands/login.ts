import { createClient } from "../../../lib/client/client.ts";
import type { Command } from "../command.ts";
import { exitCode, UsageError } from "../exit-code.ts";
import { originOf, storeSettings } from "../settings.ts";
import { askHidden, readStdin } from "../stdin.ts";

export const login: Command = {
	name: "login",
	takes: "[address]",
	summary: "Remember where your Quayside is, and your API token there",
	details: [
		"Without an address, QUAYSIDE_URL is meant.",
		"Make a token on the page “Settings”, under “API tokens”. It is asked for, or read from standard input.",
	],
	words: [0, 1],
	options: { "token-stdin": { type: "boolean", help: "Read the token from standard input" } },
	async run({ words: [address], env, flags, output }) {
		const given = address ?? env.QUAYSIDE_URL;
		if (!given) throw new UsageError("“quayside login” needs the address of your Quayside.");
		const url = originOf(given);
		const isAsked = process.stdin.isTTY && !flags.has("token-stdin");
		const token = (isAsked ? await askHidden(`API token for ${url}: `) : await readStdin("the token")).trim();
		if (token === "") throw new UsageError("The token is empty.");
		if (/\s/.test(token)) throw new UsageError("That is not an API token: it has spaces or several lines.");
		const { user } = await createClient({ origin: url, token }).accounts.me();
		const file = await storeSettings(env, { url, token });
		if (output.json) output.record({ type: "login", url, user });
		else output.line(`Logged in to ${url} as ${user.email}. Kept in ${file}.`);
		return exitCode.ok;
	},
};
