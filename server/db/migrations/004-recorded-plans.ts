import { type Kysely, sql } from "kysely";

/**
 * Gives plans and failures that were recorded before they had all their fields the values that say the same, so that whoever reads
 * one finds it whole: releases that are started again, retries, pages of earlier deployments. What is there stays.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const plan = `'{"language": "", "tools": [], "installDirectory": null, "port": null, "env": {}, "expects": [], "dockerignore": null}'::jsonb`;
const failure = `'{"decisive": null, "cause": null}'::jsonb`;
const none = `'{"alternatives": []}'::jsonb`;
const isObject = (value: string) => `jsonb_typeof(${value}) = 'object'`;

const statements = [
	`update releases set plan = ${plan} || plan where not plan ? 'tools'`,
	`update deployments set state = ${none} || state where not state ? 'alternatives'`,
	`update deployments set state = jsonb_set(state, '{plan}', ${plan} || (state->'plan'))
		where ${isObject("state->'plan'")} and not state->'plan' ? 'tools'`,
	`update deployments set state = jsonb_set(state, '{error}', ${failure} || (state->'error'))
		where ${isObject("state->'error'")} and not state->'error' ? 'cause'`,
	`update deployments set state = jsonb_set(state, '{stages}', (
			select jsonb_agg(case when ${isObject("stage->'error'")} then jsonb_set(stage, '{error}', ${failure} || (stage->'error')) else stage end order by place)
			from jsonb_array_elements(state->'stages') with ordinality as listed (stage, place)))
		where jsonb_path_exists(state, '$.stages[*].error ? (@.type() == "object" && !exists(@.cause))')`,
	`update events set body = jsonb_set(body, '{metadata}', ${none} || jsonb_set(body->'metadata', '{plan}', ${plan} || (body#>'{metadata,plan}')))
		where type = 'plan_generated' and not body->'metadata' ? 'alternatives'`,
	`update events set body = jsonb_set(body, '{metadata,error}', ${failure} || (body#>'{metadata,error}'))
		where type in ('stage_failed', 'error', 'deployment_completed') and ${isObject("body#>'{metadata,error}'")}
			and not body#>'{metadata,error}' ? 'cause'`,
];
