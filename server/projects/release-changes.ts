import type { Kysely } from "kysely";
import { commandText, type Plan, planSchema, type ReleaseChanges } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { Encryption } from "../secrets/encryption.ts";
import type { ProjectSecrets } from "./project-secrets.ts";
import { releaseEnvPurpose } from "./release-store.ts";

/** What a deployment would release. */
export interface WouldRelease {
	projectId: string;
	target: string;
	plan: Plan | null;
	commit: string | null;
}

interface ReleaseChangesOptions {
	db: Kysely<Schema>;
	encryption: Pick<Encryption, "open">;
	secrets: Pick<ProjectSecrets, "environment">;
}

/** Tells what a release would change for its visitors as things stand now. Values of variables are compared and never told. */
export function createReleaseChanges({ db, encryption, secrets }: ReleaseChangesOptions): (next: WouldRelease) => Promise<ReleaseChanges> {
	return async ({ projectId, target, plan, commit }) => {
		const live = await db
			.selectFrom("releases")
			.innerJoin("projects", "projects.active_release", "releases.id")
			.innerJoin("deployments", "deployments.id", "releases.deployment_id")
			.select(["releases.id", "releases.deployment_id", "releases.commit", "releases.env", "releases.plan", "deployments.number"])
			.where("projects.id", "=", projectId)
			.executeTakeFirst();
		const { runtime } = await secrets.environment(projectId);
		const before = live ? (JSON.parse(encryption.open(releaseEnvPurpose, live.id, live.env)) as Record<string, string>) : {};
		return {
			target,
			commit,
			live: live ? { deploymentId: live.deployment_id, number: live.number, commit: live.commit } : null,
			env: changedNames(before, runtime),
			plan: live && plan ? changedPlan(planSchema.parse(live.plan), planSchema.parse(plan)) : [],
		};
	};
}

function changedNames(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): ReleaseChanges["env"] {
	const names = (one: Readonly<Record<string, string>>): string[] => Object.keys(one).sort();
	return {
		added: names(after).filter((name) => !Object.hasOwn(before, name)),
		removed: names(before).filter((name) => !Object.hasOwn(after, name)),
		changed: names(after).filter((name) => Object.hasOwn(before, name) && before[name] !== after[name]),
	};
}

const none = "none";
const command = (words: Plan["start"]): string => (words === null ? none : commandText(words));

/** What people know a plan by, in the order in which they care. */
const facets: Readonly<Record<string, (plan: Plan) => string>> = {
	"Kind of project": ({ kind }) => kind,
	Framework: ({ framework }) => framework,
	Directory: ({ directory }) => directory || "the repository's root",
	"Node version": ({ nodeVersion }) => nodeVersion ?? none,
	"Package manager": ({ packageManager }) => packageManager ?? none,
	"Install command": ({ install }) => command(install),
	"Build command": ({ build }) => command(build),
	"Test command": ({ test }) => command(test),
	"Start command": ({ start }) => command(start),
	"Output folder": ({ output }) => output ?? none,
	"Unknown paths answer the first page": ({ spaFallback }) => (spaFallback ? "yes" : "no"),
	Port: ({ port }) => (port === null ? "as PORT says" : String(port)),
	"Path that must answer": ({ healthPath }) => healthPath,
	"Variables of the plan": ({ env }) => Object.keys(env).sort().join(", ") || none,
};

function changedPlan(before: Plan, after: Plan): ReleaseChanges["plan"] {
	return Object.entries(facets).flatMap(([field, tell]) => {
		const change = { field, before: tell(before), after: tell(after) };
		return change.before === change.after ? [] : [change];
	});
}
