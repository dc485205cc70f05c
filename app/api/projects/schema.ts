import { z } from "zod";
import { envNameSchema, projectSettingsSchema, runtimeLogQuerySchema, setEnvSchema, slugSchema, ulidSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const slug = z.object({ slug: slugSchema });
const path = "/api/projects";

export const listProjects = operation({
	method: "GET",
	path,
	summary: "List projects, newest first",
	access: "login",
	answer: { status: 200, description: "{projects}" },
});

export const getProject = read("", "Show a project", "{project}");
export const deleteProject = operation({
	method: "DELETE",
	path: `${path}/{slug}`,
	summary: "Delete a project and everything that belongs to it",
	access: "login",
	params: slug,
	answer: { status: 202, description: "It is gone for everybody, and being removed." },
});
export const listReleases = read("/releases", "List a project's releases, newest first", "{releases}");
export const listProjectArtifacts = read(
	"/artifacts",
	"List the files a project's deployments made, each with its versions",
	"{artifacts}",
);
export const listEnv = read("/env", "List a project's environment; secrets without their values", "{env}");

export const readRuntimeLog = operation({
	method: "GET",
	path: `${path}/{slug}/logs`,
	summary: "Read what the app printed, running or not; follow it with after and wait",
	access: "login",
	params: slug,
	query: runtimeLogQuerySchema,
	answer: { status: 200, description: "{log, cursor, reset}" },
});

export const getSettings = read("/settings", "Show a project's settings; what is absent is as by default", "{settings}");

export const setSettings = operation({
	method: "PUT",
	path: `${path}/{slug}/settings`,
	summary: "Replace a project's settings, for the next deployment on",
	access: "login",
	params: slug,
	body: z.strictObject({ settings: projectSettingsSchema }),
	answer: { status: 200, description: "{settings}" },
});

export const setEnv = operation({
	method: "POST",
	path: `${path}/{slug}/env`,
	summary: "Set an environment variable or a secret, for the next deployment on",
	access: "login",
	params: slug,
	body: setEnvSchema,
	answer: { status: 200, description: "{variable}" },
});

export const deleteEnv = operation({
	method: "DELETE",
	path: `${path}/{slug}/env/{name}`,
	summary: "Delete an environment variable",
	access: "login",
	params: z.object({ slug: slugSchema, name: envNameSchema }),
	answer: { status: 204, description: "It is gone." },
});

export const rollback = operation({
	method: "POST",
	path: `${path}/{slug}/rollback`,
	summary: "Make an older release the active one, whole",
	access: "login",
	params: slug,
	body: z.strictObject({ release: ulidSchema }),
	answer: { status: 202, description: "{release}" },
});

export const startProject = command("start", "Start the active release");
export const stopProject = command("stop", "Stop the active release");
export const restartProject = command("restart", "Stop and start the active release");

function read(below: string, summary: string, description: string) {
	return operation({
		method: "GET",
		path: `${path}/{slug}${below}`,
		summary,
		access: "login",
		params: slug,
		answer: { status: 200, description },
	});
}

function command(name: string, summary: string) {
	return operation({
		method: "POST",
		path: `${path}/{slug}/${name}`,
		summary,
		access: "login",
		params: slug,
		answer: { status: 202, description: "{release}" },
	});
}
