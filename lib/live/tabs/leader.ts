import { type Cursor, maxSubscriptions, type ServerFrame } from "../../protocol/index.ts";
import type { OpenTransport, Transport, TransportHandlers, TransportOptions } from "../transports/transport.ts";
import { serves, type TabMessage, type Tabs, unionOf } from "./tabs.ts";

/** A follower that has not answered this many times in a row is gone, or frozen: it asks anew when it is back. */
const patience = 3;

export interface Leader {
	take(message: TabMessage): void;
	/** This tab's own streams changed. */
	renew(): void;
	close(): void;
}

/** Holds the one connection of all tabs: reads the union of the streams they want and passes every frame on. */
export function createLeader(
	open: OpenTransport,
	options: TransportOptions,
	own: TransportHandlers,
	tabs: Tabs,
	post: (message: TabMessage) => void,
): Leader {
	const { clock, timings } = options;
	const followers = new Map<string, { cursors: Cursor[]; unanswered: number }>();
	let gathering: unknown = null;
	let union: Cursor[] = [];
	let current: Transport | null = null;
	/** Takes the place of the current connection with its first frame. */
	let next: Transport | null = null;
	let closed = false;

	function gather(): void {
		if (gathering !== null || closed) return;
		post({ type: "gather" });
		gathering = clock.setTimeout(() => {
			gathering = null;
			connect();
		}, timings.tabGatherMs);
	}

	function connect(): void {
		union = options.cursors();
		for (const [tab, follower] of followers) {
			if (++follower.unanswered > patience) {
				followers.delete(tab);
				continue;
			}
			const more = unionOf([union, follower.cursors]);
			if (more.length > maxSubscriptions) {
				followers.delete(tab);
				post({ type: "full", to: tab });
			} else union = more;
		}
		// Poll takes other cursors with its next request; SSE needs another connection, which is open before the old one ends.
		const [first] = union;
		if (first && current?.send({ t: "sub", id: 0, ...first })) return;
		next?.close();
		const link: Transport = open(
			{ ...options, cursors: () => unionOf([options.cursors(), ...[...followers.values()].map(({ cursors }) => cursors)]) },
			{
				onOpen() {
					post({ type: "opened" });
					own.onOpen();
				},
				onFrame: (frame) => pass(link, frame),
				onClose(end) {
					if (link === next) next = null;
					else if (next) {
						current = next;
						next = null;
					} else own.onClose(end);
				},
			},
		);
		if (current) next = link;
		else current = link;
	}

	function pass(link: Transport, frame: ServerFrame): void {
		if (link === next) {
			current?.close();
			current = next;
			next = null;
		}
		// The end of this connection is this tab's affair: another tab will open the next one.
		if (frame.t !== "bye") post({ type: "frame", frame });
		own.onFrame(frame);
	}

	function giveWay(tab: string, isVisible: boolean): void {
		if (isVisible && !tabs.isVisible()) post({ type: "yield", to: tab });
		else post({ type: "here" });
	}

	gather();

	return {
		take(message) {
			if (message.type === "ask") giveWay(message.tab, message.visible);
			if (message.type === "leave") followers.delete(message.tab);
			if (message.type !== "want") return;
			followers.set(message.tab, { cursors: message.cursors, unanswered: 0 });
			giveWay(message.tab, message.visible);
			if (message.fresh || (gathering === null && !serves(union, message.cursors))) gather();
		},
		renew: gather,
		close() {
			closed = true;
			if (gathering !== null) clock.clearTimeout(gathering);
			current?.close();
			next?.close();
		},
	};
}
