import { AppError } from "../../../lib/errors.ts";
import { type EnvScope, envNameSchema } from "../../../lib/protocol/index.ts";
import type { Call, Command, Flags } from "../command.ts";
import { exitCode, UsageError } from "../exit-code.ts";
import { readStdin } from "../stdin.ts";

export const env: Command = {
	name: "env",
	takes: "list | set | rm <project> [NAME]",
	summary: "List, set and delete the variables of a project",
	details: [
		"quayside env list <project>",
		"quayside env set <project> NAME=VALUE, or NAME with the value on standard input, where no list of processes shows it",
		"quayside env rm <project> NAME",
		"A change is used from the next deployment on.",
	],
	words: [2, 3],
	options: {
		secret: { type: "boolean", help: "Nobody is shown the value again" },
		build: { type: "boolean", help: "For install, build and tests only" },
		runtime: { type: "boolean", help: "For the running app only" },
	},
	async run(call) {
		const [verb = "", project = "", name] = call.words;
		if (verb === "list" && name === undefined) return list(call, project);
		if (verb === "set" && name !== undefined) return set(call, project, name);
		if (verb === "rm" && name !== undefined) return remove(call, project, nameOf(name));
		throw new UsageError(`“quayside env” takes ${env.takes}.`);
	},
};

async function list({ output, client }: Call, project: string): Promise<number> {
	for (const variable of await (await client()).projects.env(project)) {
		const { name, value, secret, scope } = variable;
		if (output.json) output.record({ type: "variable", ...variable });
		else output.line(`${name}=${secret ? "[secret]" : value}${scope === "both" ? "" : `  (${scope} only)`}`);
	}
	return exitCode.ok;
}

async function set({ flags, output, client }: Call, project: string, word: string): Promise<number> {
	const at = word.indexOf("=");
	const name = nameOf(at === -1 ? word : word.slice(0, at));
	const value = at === -1 ? await readStdin("the value") : word.slice(at + 1);
	const variable = await (await client()).projects.setEnv(project, { name, value, secret: flags.has("secret"), scope: scopeOf(flags) });
	if (output.json) output.record({ type: "variable", ...variable });
	else output.line(`${name} is set. It is used from the next deployment on.`);
	return exitCode.ok;
}

async function remove({ output, client }: Call, project: string, name: string): Promise<number> {
	const { projects } = await client();
	const known = (await projects.env(project)).some((variable) => variable.name === name);
	if (!known)
		throw new AppError("not_found", {
			message: `${project} has no variable ${name}.`,
			action: `“quayside env list ${project}” shows them.`,
		});
	await projects.deleteEnv(project, name);
	if (output.json) output.record({ type: "deleted", name });
	else output.line(`${name} is deleted.`);
	return exitCode.ok;
}

function scopeOf(flags: Flags): EnvScope {
	if (flags.has("build") === flags.has("runtime")) return "both";
	return flags.has("build") ? "build" : "runtime";
}

function nameOf(text: string): string {
	if (envNameSchema.safeParse(text).success) return text;
	throw new UsageError(`“${text}” cannot be the name of a variable.`);
}
