import { AppError } from "../errors.ts";
import { type CreateDeployment, createDeploymentSchema } from "./api.ts";

/** Reads what another protocol asks to deploy, as strictly as the HTTP contract does. Throws `bad_request` with the name of the field. */
export function parseDeployment(value: unknown): CreateDeployment {
	const parsed = createDeploymentSchema.safeParse(value);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new AppError("bad_request", { message: `“${issue?.path.map(String).join(".")}” cannot be used: ${issue?.message}.` });
}
