import { createHash } from "node:crypto";
import type { EventDraft } from "../../lib/protocol/index.ts";
import type { StreamWriter } from "../streams/streams.ts";
import type { AttemptRecorder } from "./attempt-recorder.ts";

interface TextFile {
	name: string;
	mediaType: string;
	text: string;
}

/** Stores a file for people and says so, in one transaction. */
export async function keepArtifact(recorder: AttemptRecorder, deploymentId: string, file: TextFile): Promise<void> {
	const { draft, write } = artifactOf(deploymentId, file);
	await recorder.record(draft, write);
}

/** Names are paths within a folder wherever they are unpacked: nothing in them leads out of it. */
function isPlainName(name: string): boolean {
	return name.length <= 200 && !/[\p{Cc}\\:]/u.test(name) && name.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** What says that a file is kept, and what keeps it: both belong into one transaction. */
export function artifactOf(
	deploymentId: string,
	{ name, mediaType, text }: TextFile,
): { draft: EventDraft; write(writer: Pick<StreamWriter, "trx">): Promise<void> } {
	if (!isPlainName(name)) throw new RangeError(`An artifact cannot be called ${JSON.stringify(name)}.`);
	const body = Buffer.from(text);
	const sha256 = createHash("sha256").update(body).digest("hex");
	const row = { deployment_id: deploymentId, name, media_type: mediaType, size: body.length, sha256, body, created_at: new Date() };
	return {
		draft: { type: "artifact_created", content: `Wrote ${name}.`, metadata: { name, media_type: mediaType, size: body.length, sha256 } },
		async write({ trx }) {
			await trx
				.insertInto("artifacts")
				.values(row)
				.onConflict((conflict) => conflict.columns(["deployment_id", "name"]).doUpdateSet(row))
				.execute();
		},
	};
}
