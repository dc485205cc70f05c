import { z } from "zod";
import { createProjectSchema, knownHostNameSchema, slugSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const slug = z.object({ slug: slugSchema });
const path = "/api/projects";

export const createProject = operation({
	method: "POST",
	path,
	summary: "Make a project without deploying it",
	access: "login",
	body: createProjectSchema,
	answer: { status: 201, description: "{project}" },
});

export const showDeployKey = operation({
	method: "GET",
	path: `${path}/{slug}/deploy-key`,
	summary: "Show the public half of a project's ssh key, and the host keys that are expected",
	access: "login",
	params: slug,
	answer: { status: 200, description: "{deployKey}: null before one was made." },
});

export const makeDeployKey = operation({
	method: "POST",
	path: `${path}/{slug}/deploy-key`,
	summary: "Make a new ssh key for a project's repository, in the place of the one before",
	access: "login",
	params: slug,
	answer: { status: 201, description: "{deployKey}" },
});

export const forgetHost = operation({
	method: "DELETE",
	path: `${path}/{slug}/known-hosts/{host}`,
	summary: "Forget the host key of a git server, so that the next clone keeps the one it is shown",
	access: "login",
	params: z.object({ slug: slugSchema, host: knownHostNameSchema }),
	answer: { status: 204, description: "It is forgotten." },
});
