import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { presentOf, versionOf } from "../language-plan.ts";
import { minorOf } from "../lowest-version.ts";
import { choosePythonVersion } from "../python/version.ts";
import { imageVersion } from "./base-images.ts";
import { addressOf, type Image } from "./image.ts";
import { siteFrom } from "./site.ts";

const manifests = ["requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile", "Pipfile.lock"];

/** The image of a Python program, whose environment in /app/.venv is taken along, or of a site that one makes. */
export async function pythonImage(plan: Plan, workspace: Workspace): Promise<Image> {
	const base = `python:${await versionFor(plan, workspace)}-slim-bookworm`;
	const question = `import urllib.request as r; r.urlopen("${addressOf(plan)}", timeout=2)`;
	const steps = {
		builder: base,
		manifests: await separable(plan, workspace),
		env: { ...plan.env, ...(plan.install === null ? {} : { PATH: "/app/.venv/bin:$PATH" }) },
		install: plan.install,
		build: plan.build,
	};
	if (plan.kind === "static") return { ...steps, ...siteFrom(plan.output ?? ".") };
	return { ...steps, runner: base, start: plan.start, health: ["python3", "-c", question] };
}

/** The version a project names, else the usual one where it does. */
async function versionFor(plan: Plan, workspace: Workspace): Promise<string> {
	const lowest = versionOf(plan, "python");
	const { exact } = await choosePythonVersion(workspace);
	return exact && lowest !== null ? minorOf(lowest) : imageVersion("python", lowest);
}

/** Files from which the dependencies can be installed without the rest of the repository. */
async function separable({ install }: Plan, workspace: Workspace): Promise<string[]> {
	const text = install?.join(" ") ?? "";
	if (/ install \.(?:\s|$)| -e |requirements\//.test(text)) return [];
	const requirements = (await workspace.read("requirements.txt")) ?? "";
	if (/^\s*(?:-[rce]|--requirement|--constraint|--editable|\.|file:)/m.test(requirements)) return [];
	return presentOf(workspace, manifests);
}
