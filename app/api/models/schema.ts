import { z } from "zod";
import { modelProviderIdSchema, modelSettingsSchema, setModelProviderSchema, testModelSchema, ulidSchema } from "#lib/protocol/index.ts";
import { operation } from "../operation.ts";

const path = "/api/models";
const params = z.object({ id: modelProviderIdSchema });

export const getModels = operation({
	method: "GET",
	path,
	summary: "Model providers, who uses which model, and what is left of this minute (administrators)",
	access: "login",
	answer: { status: 200, description: "{models}; keys are in no answer." },
});

export const setModelProvider = operation({
	method: "PUT",
	path: `${path}/providers/{id}`,
	summary: "Add or replace a model provider; a key that is not given stays (administrators)",
	access: "login",
	params,
	body: setModelProviderSchema,
	answer: { status: 200, description: "{models}" },
});

export const deleteModelProvider = operation({
	method: "DELETE",
	path: `${path}/providers/{id}`,
	summary: "Remove a model provider with its key (administrators)",
	access: "login",
	params,
	answer: { status: 204, description: "Its models are used by nobody any more." },
});

export const setModelSettings = operation({
	method: "PUT",
	path: `${path}/settings`,
	summary: "Which agent uses which models, the budget of a deployment, whether answers are kept (administrators)",
	access: "login",
	body: modelSettingsSchema,
	answer: { status: 200, description: "{models}" },
});

export const testModel = operation({
	method: "POST",
	path: `${path}/test`,
	summary: "Ask a model a few small things and find out what it can do (administrators)",
	access: "login",
	body: testModelSchema,
	answer: { status: 200, description: "{test}; a model that does not work is an answer, too." },
});

export const getModelUsage = operation({
	method: "GET",
	path: "/api/deployments/{id}/models",
	summary: "What a deployment has used of models: calls, tokens, cost",
	access: "login",
	params: z.object({ id: ulidSchema }),
	answer: { status: 200, description: "{usage}; a cost of null is not known." },
});
