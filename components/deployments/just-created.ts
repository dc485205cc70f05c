import type { DeploymentView } from "#lib/deployment/state.ts";

/** The deployment this tab has just started: its page can be painted from the answer, before the server renders it. */
let created: DeploymentView | null = null;

export function rememberCreated(view: DeploymentView): void {
	created = view;
}

export function justCreated(id: string): DeploymentView | null {
	return created?.id === id ? created : null;
}
