import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { type Monorepo, readMonorepo, under } from "./monorepo.ts";

const maxPlans = 10;

/** Folders that usually hold what people want to see first. */
const preferred = /^(?:web|www|app|site|website|frontend|client|ui|dashboard|server|backend|api)$/;
const secondary = /(?:^|[/-])(?:docs?|documentation|storybook|examples?|demo|playground|e2e|tests?|benchmarks?)(?:$|[/-])/;

/**
 * The packages of a monorepo that can be deployed, the likeliest first, each as a plan of its own; null where this is no monorepo,
 * or none of its packages can.
 */
export async function detectMembers(
	root: Workspace,
	planAt: (member: Workspace, monorepo: Monorepo) => Promise<Plan | null>,
): Promise<Plan[] | null> {
	const monorepo = await readMonorepo(root);
	if (monorepo === null) return null;
	const plans: Plan[] = [];
	for (const { folder } of inOrder(monorepo.members.map((member) => member.folder))) {
		const workspace = await root.at(under(root.directory, folder));
		const plan = workspace === null ? null : await planAt(workspace, monorepo);
		if (plan !== null) plans.push({ ...plan, provider: `${plan.provider}:${folder}`, summary: `${plan.summary}, in ${folder}` });
		if (plans.length >= maxPlans) break;
	}
	const [first, ...others] = plans;
	if (first === undefined) return null;
	const seen = { file: monorepo.file, line: null, means: `${monorepo.members.length} packages, ${plans.length} of which can be deployed` };
	const names = others.map(({ directory }) => directory).join(", ");
	const choice =
		others.length === 0
			? []
			: [
					`This repository also holds ${names}. Choose another plan in the project's settings, or deploy that directory as a project of its own.`,
				];
	return [{ ...first, evidence: [seen, ...first.evidence].slice(0, 50), warnings: [...choice, ...first.warnings].slice(0, 20) }, ...others];
}

function inOrder(folders: readonly string[]): { folder: string }[] {
	const rank = (folder: string) => (secondary.test(folder) ? 2 : preferred.test(folder.split("/").at(-1) ?? "") ? 0 : 1);
	return folders.map((folder) => ({ folder, rank: rank(folder) })).sort((a, b) => a.rank - b.rank);
}
