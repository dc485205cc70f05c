import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogIndex } from "#components/deployments/log/log-index.ts";
import type { LogEntry } from "#lib/live/log-store.ts";
import type { Stage } from "#lib/protocol/index.ts";

const line = (n: number, stage: Stage, text: string): LogEntry => ({ n, at: "2026-11-21T10:00:00.000Z", from: "stdout", text, stage });

describe("log index", () => {
	const lines = [line(1, "clone", "Cloning"), line(2, "build", "npm ERROR"), line(3, "build", "done"), line(4, "test", "error: 1")];

	it("shows everything without a stage and finds words in any case", () => {
		expect(new LogIndex().update(lines, null, "error")).toEqual({ shown: null, matches: [1, 3] });
	});

	it("counts matches in rows of the shown stage", () => {
		expect(new LogIndex().update(lines, "build", "error")).toEqual({ shown: [1, 2], matches: [0] });
	});

	it("starts again when the log was replaced", () => {
		const index = new LogIndex();
		index.update(lines, null, "error");
		expect(index.update([line(1, "clone", "an error")], null, "error")).toEqual({ shown: null, matches: [0] });
	});

	it("answers the same whether the log grew in steps or came at once", () => {
		const stage = fc.constantFrom<Stage>("clone", "build", "test");
		const steps = fc.array(fc.array(fc.record({ stage, text: fc.constantFrom("error", "fine", "Errors", "") }), { maxLength: 5 }), {
			maxLength: 8,
		});
		fc.assert(
			fc.property(steps, fc.option(stage), fc.constantFrom("", "error", "none"), (batches, wanted, query) => {
				const grown: LogEntry[] = [];
				const index = new LogIndex();
				let view = index.update(grown, wanted, query);
				for (const batch of batches) {
					for (const entry of batch) grown.push(line(grown.length + 1, entry.stage, entry.text));
					view = index.update(grown, wanted, query);
				}
				expect(view).toEqual(new LogIndex().update([...grown], wanted, query));
			}),
		);
	});
});
