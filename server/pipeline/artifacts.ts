import { createHash } from "node:crypto";
import type { AttemptRecorder } from "./attempt-recorder.ts";

/** Stores a file for people and says so, in one transaction. */
export async function keepArtifact(
	recorder: AttemptRecorder,
	deploymentId: string,
	{ name, mediaType, text }: { name: string; mediaType: string; text: string },
): Promise<void> {
	const body = Buffer.from(text);
	const sha256 = createHash("sha256").update(body).digest("hex");
	const row = { deployment_id: deploymentId, name, media_type: mediaType, size: body.length, sha256, body, created_at: new Date() };
	await recorder.record(
		{ type: "artifact_created", content: `Wrote ${name}.`, metadata: { name, media_type: mediaType, size: body.length, sha256 } },
		async ({ trx }) => {
			await trx
				.insertInto("artifacts")
				.values(row)
				.onConflict((conflict) => conflict.columns(["deployment_id", "name"]).doUpdateSet(row))
				.execute();
		},
	);
}
