import type { EventDraft, ReadResult } from "#lib/protocol/index.ts";

/** A small event whose content tells which one it is. */
export function say(content: string): EventDraft {
	return { type: "system", content, metadata: { message_type: "info" } };
}

export const seqs = (result: ReadResult): number[] => result.events.map((event) => event.seq);
export const contents = (result: ReadResult): string[] => result.events.map((event) => event.content);

export function range(from: number, to: number): number[] {
	return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
