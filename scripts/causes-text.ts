/** The text of docs/causes.md: every known cause with what people read of it, taken from a recorded failure. */
import { factCauses } from "../server/causes/fact-causes.ts";
import { causes } from "../server/causes/find-cause.ts";
import { explainFixture, readFailures } from "../tests/server/causes/failure-fixtures.ts";

const steps = { install: "installing", build: "building", test: "testing", start: "running" } as const;
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export async function causesText(): Promise<string> {
	const failures = await readFailures();
	const rows: string[] = [];
	const ids = [...new Set(causes.map(({ id }) => id))];
	for (const id of ids) {
		const rules = causes.filter((cause) => cause.id === id);
		const fixture = failures.find(({ cause }) => cause === id);
		if (!fixture || !rules[0]) throw new Error(`No recorded failure proves the cause ${id}.`);
		const { known } = await explainFixture(fixture);
		const when = [...new Set(rules.flatMap((rule) => rule.steps))].map((step) => steps[step]).join(", ");
		rows.push(`| \`${id}\` | ${rules[0].name} | ${when} | ${cell(known?.message ?? "")} | ${cell(known?.action ?? "")} |`);
	}
	const facts = Object.entries(factCauses).map(([id, name]) => `| \`${id}\` | ${name} |`);
	return `# Known causes of failures

Written by \`npm run causes\` from the rules in \`server/causes/\` and the recorded failures in \`tests/fixtures/failures/\`; not by hand.
A failure's \`cause\` names one of them, null where none fits. Everything is found on this machine, from what the command printed and the files
of the repository; nothing is sent anywhere.

## Found in what a command printed

| cause | what it is | while | what is said, for example | what to do |
|---|---|---|---|---|
${rows.join("\n")}

## Found from facts

| cause | what it is |
|---|---|
${facts.join("\n")}
`;
}
