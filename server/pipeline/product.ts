import type { Kysely } from "kysely";
import { productPaths } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import type { Schema } from "../db/schema.ts";
import { zipArtifacts } from "./archive.ts";
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
	const { id, number, project, queuedAt } = state;
	const at = new Date(queuedAt);
	const names = productPaths(state);
	if (names.length === 0) throw noProduct();
	const read = async () => {
		const files = await readProduct(db, id, project.id);
		if (files === null) throw noProduct();
		return [...files].map(([path, text]) => ({ name: `${project.slug}/${path}`, body: Buffer.from(text), at }));
	};
	return { name: `${project.slug}-${number}.zip`, body: await zipArtifacts(db, { deploymentId: id, names, read }) };
}

/** What is thrown for a deployment that has no product. */
export function noProduct(): AppError {
	return new AppError("not_found", {
		message: "This deployment wrote no product of its own.",
		action: "What was deployed from a repository is in that repository.",
	});
}
