import { once } from "node:events";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { AppError } from "#lib/errors.ts";
import { isTerminal, succeeded } from "#lib/protocol/index.ts";
import type { StreamWriter } from "#server/streams/streams.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { done, type Performance, performWell, startTestPipeline } from "#tests/support/pipeline.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());

it("goes on with a stage whose log could not be stored because the disk was full", async () => {
	let isFull = false;
	const streams = {
		...database.streams,
		async write<T>(work: (writer: StreamWriter) => Promise<T>): Promise<T> {
			if (isFull) throw new AppError("disk_full");
			return database.streams.write(work);
		},
	};
	/** The first attempt at the build says something that finds no place, and works until it is told to stop. */
	const perform: Performance = async (stage, work) => {
		if (stage !== "build") return performWell(stage, work);
		if (work.state.stages.find((one) => one.stage === "build")?.attempts === 2) return succeeded(done);
		isFull = true;
		work.reporter.output("a line that finds no place\n", "stdout");
		await once(work.signal, "abort");
		throw work.signal.reason;
	};
	const pipeline = await startTestPipeline({ ...database, streams }, perform);
	try {
		const id = await pipeline.start();
		await vi.waitUntil(() => isFull && pipeline.worker.running().length === 0, { timeout: 10_000 });
		isFull = false;
		await pipeline.recover();
		const state = await pipeline.until(id, ({ status }) => isTerminal(status));
		expect(state.status).toBe("succeeded");
		expect(state.stages.find(({ stage }) => stage === "build")?.attempts).toBe(2);
		expect(pipeline.errors).toEqual([]);
	} finally {
		await pipeline.stop();
	}
});
