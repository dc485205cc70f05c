import { type OpenTransport, parseFrame, type Transport, type TransportHandlers } from "../transports/transport.ts";
import { createLeader, type Leader } from "./leader.ts";
import type { TabMessage, Tabs } from "./tabs.ts";

/**
 * A transport of which all tabs of a person have one together. Whoever holds the lock leads and has the connection; the others
 * get its frames. A leader that is closed loses the lock by itself, one that is frozen loses it to a follower that is seen. Since
 * every tab has its own cursors, a connection that begins anew somewhere else neither loses nor doubles anything.
 */
export function shareAmongTabs(open: OpenTransport, kind: string, tabs: Tabs): OpenTransport {
	return (options, handlers) => {
		const { clock, timings, cursors } = options;
		const name = `quayside.live/${kind}/${tabs.user}`;
		const tab = crypto.randomUUID();
		const channel = tabs.openChannel(name);
		let ended = false;
		let leader: Leader | null = null;
		/** A connection of its own, where the shared one has no room. */
		let alone: Transport | null = null;
		let giveUp = () => {};
		let heardAt = clock.now();
		let askedAt: number | null = heardAt;

		const post = (message: TabMessage) => {
			if (!ended) channel.postMessage(message);
		};
		const sayWant = (fresh: boolean) => post({ type: "want", tab, cursors: cursors(), visible: tabs.isVisible(), fresh });

		/** Leads as soon as nobody else does; `steal` takes the lock from whoever has it. */
		function stand(steal: boolean): void {
			giveUp();
			const withdrawn = new AbortController();
			let letGo = () => withdrawn.abort();
			giveUp = () => letGo();
			const hold = () =>
				new Promise<void>((resolve) => {
					letGo = () => {
						withdrawn.abort();
						resolve();
					};
					if (withdrawn.signal.aborted || ended) resolve();
					else leader = createLeader(open, options, ownHandlers, tabs, post);
				});
			tabs.locks.request(name, steal ? { steal } : { signal: withdrawn.signal }, hold).catch(() => {
				if (ended || withdrawn.signal.aborted) return;
				leader?.close();
				leader = null;
				// Whoever took the lead lives: what was asked before counts no longer.
				heard();
				stand(false);
				sayWant(true);
			});
		}

		const ownHandlers: TransportHandlers = {
			...handlers,
			onClose(end) {
				leave();
				handlers.onClose(end);
			},
		};

		function heard(): void {
			heardAt = clock.now();
			askedAt = null;
		}

		channel.onmessage = ({ data }: MessageEvent) => {
			const message = data as TabMessage;
			if (ended || alone) return;
			if (leader) {
				leader.take(message);
				return;
			}
			switch (message.type) {
				case "gather":
					heard();
					sayWant(false);
					break;
				case "here":
					heard();
					break;
				case "opened":
					heard();
					handlers.onOpen();
					break;
				case "frame": {
					heard();
					const frame = parseFrame(message.frame);
					if (frame) handlers.onFrame(frame);
					break;
				}
				case "yield":
					if (message.to === tab) stand(true);
					break;
				case "full":
					if (message.to !== tab) break;
					giveUp();
					alone = open(options, ownHandlers);
					break;
			}
		};

		/** Only a follower that is seen minds whether its leader still lives. */
		function watch(): void {
			timer = clock.setTimeout(watch, timings.tabTickMs);
			if (leader || alone || !tabs.isVisible()) return;
			const now = clock.now();
			if (askedAt !== null && now - askedAt >= timings.tabDeadMs) {
				askedAt = now;
				stand(true);
			} else if (askedAt === null && now - heardAt >= timings.tabAskMs) {
				askedAt = now;
				post({ type: "ask", tab, visible: true });
			}
		}

		function leave(): void {
			if (ended) return;
			post({ type: "leave", tab });
			ended = true;
			clock.clearTimeout(timer);
			leader?.close();
			alone?.close();
			giveUp();
			channel.close();
		}

		let timer = clock.setTimeout(watch, timings.tabTickMs);
		stand(false);
		sayWant(true);

		return {
			send(frame) {
				if (alone) return alone.send(frame);
				if (frame.t !== "sub" && frame.t !== "unsub") return true;
				const isMore = frame.t === "sub";
				if (!leader) sayWant(isMore);
				else if (isMore) leader.renew();
				return true;
			},
			close: leave,
		};
	};
}
