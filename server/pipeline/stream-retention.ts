import { type Kysely, sql } from "kysely";
import type { Schema } from "../db/schema.ts";
import type { Streams } from "../streams/streams.ts";

/** Events that are kept of a person's lists and of a project: what is older is history that nobody shows. */
const keptEvents = 2_000;
/** So many more may gather before they are forgotten at once. */
const slackEvents = 200;

/** Forgets the oldest events of the streams that never end: those of people and projects. Answers how many streams were shortened. */
export async function shortenStreams(
	db: Kysely<Schema>,
	streams: Pick<Streams, "truncate">,
	{ kept = keptEvents, slack = slackEvents }: { kept?: number; slack?: number } = {},
): Promise<number> {
	const long = await db
		.selectFrom("streams")
		.select(["name", "last_seq"])
		.where((where) => where.or([where("name", "like", "user/%"), where("name", "like", "project/%")]))
		.where(sql<boolean>`last_seq - min_seq >= ${kept + slack}`)
		.execute();
	for (const { name, last_seq } of long) await streams.truncate(name, last_seq - kept + 1);
	return long.length;
}
