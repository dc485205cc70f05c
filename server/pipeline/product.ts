import type { Kysely } from "kysely";
import { productPaths } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import type { Schema } from "../db/schema.ts";
import { packZip } from "./archive.ts";
import { loadState } from "./load-state.ts";

/** Files of the product that a deployment of this project wrote, by path; null when it wrote none, or is another project's. */
export async function readProduct(db: Kysely<Schema>, deploymentId: string, projectId: string): Promise<Map<string, string> | null> {
	const state = await loadState(db, deploymentId);
	const paths = state?.project.id === projectId ? productPaths(state) : [];
	if (paths.length === 0) return null;
	const rows = await db
		.selectFrom("artifacts")
		.select(["name", "body"])
		.where("deployment_id", "=", deploymentId)
		.where("name", "in", paths)
		.orderBy("name")
		.execute();
	// One that stopped in the middle of writing has no product.
	if (rows.length < new Set(paths).size) return null;
	return new Map(rows.map(({ name, body }) => [name, Buffer.from(body).toString("utf8")]));
}

/** The product that a deployment wrote as one zip file, in a folder of its name. Throws `not_found` where it wrote none. */
export async function zipProduct(db: Kysely<Schema>, state: DeploymentState): Promise<{ name: string; body: Uint8Array }> {
	const files = await readProduct(db, state.id, state.project.id);
	if (files === null)
		throw new AppError("not_found", {
			message: "This deployment wrote no product of its own.",
			action: "What was deployed from a repository is in that repository.",
		});
	const { slug } = state.project;
	const at = new Date(state.queuedAt);
	const entries = [...files].map(([path, text]) => ({ name: `${slug}/${path}`, body: Buffer.from(text), at }));
	return { name: `${slug}-${state.number}.zip`, body: await packZip(entries) };
}
