import type { ModelStore } from "../models/model-store.ts";
import type { ProjectSecrets } from "../projects/project-secrets.ts";

/** A project's environment, whose secrets are hidden in everything that is said, and the keys of the models with them. */
export function withModelKeys({ environment }: ProjectSecrets, { keys }: ModelStore): ProjectSecrets["environment"] {
	return async (projectId) => {
		const [own, ofModels] = await Promise.all([environment(projectId), keys()]);
		return { ...own, secrets: [...own.secrets, ...ofModels] };
	};
}
