"use client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { groupThousands } from "#lib/format.ts";
import type { LogStore } from "#lib/live/log-store.ts";
import type { LogEntry, Stage } from "#lib/protocol/index.ts";
import { LogIndex, placeOf } from "./log-index.ts";

/** The rows of a log: each a line by its number, all of them or those of a stage. */
export interface LogLines {
	count: number;
	/** Number of the line of a row. */
	numberOf: (row: number) => number;
	/** Row of a line; null when it is not shown. */
	rowOf: (n: number) => number | null;
	at: (row: number) => LogEntry | undefined;
	/** Changes when rows become other lines: a row is the same line while it is the same. */
	shown: readonly number[] | null;
	first: number;
	/** Numbers of the lines that hold the words searched for. */
	matches: readonly number[];
	/** What was looked through for them, where it is not the whole log. */
	covered: string | null;
}

/** Follows the log; while a stage is chosen or words are searched for, what is not here is fetched. */
export function useLogLines(log: LogStore, stage: Stage | null, query: string): LogLines {
	useSyncExternalStore(log.subscribe, log.version, log.version);
	const [index] = useState(() => new LogIndex());
	const first = log.first();
	const { shown, matches } = index.update(log.chunks(), first, stage, query);

	const needsAll = stage !== null || query !== "";
	useEffect(() => (needsAll ? log.wantAll() : undefined), [needsAll, log]);

	const count = shown ? shown.length : Math.max(0, log.last() - first + 1);
	const numberOf = (row: number): number => (shown ? (shown[row] ?? 0) : first + row);
	return {
		count,
		numberOf,
		rowOf(n) {
			const row = shown ? placeOf(shown, n) : n - first;
			return row >= 0 && row < count && numberOf(row) === n ? row : null;
		},
		at: (row) => log.at(numberOf(row)),
		shown,
		first,
		matches,
		covered: coverageOf(log),
	};
}

function coverageOf(log: LogStore): string | null {
	const missing = log.missing();
	if (missing > 0) return `${log.failing() ? "trying again" : "loading"}, ${groupThousands(missing)} lines to come`;
	return log.first() > 1 ? `in the newest ${groupThousands(log.last() - log.first() + 1)} lines` : null;
}
