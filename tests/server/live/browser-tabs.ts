import type { TabChannel, TabMessage, Tabs } from "#lib/live/tabs/tabs.ts";

export interface Tab extends Tabs {
	/** Hears and says nothing any more, and keeps the lock it has: what a frozen page does. */
	freeze(): void;
	/** Gone without a word; its locks are free. */
	kill(): void;
	visible: boolean;
	/** Everything its channels have heard. */
	heard: TabMessage[];
	leads(): boolean;
}

interface Claim {
	tab: Tab;
	grant(): void;
	lose(reason: Error): void;
}

/** The tabs of one browser, with locks as Web Locks are (first come first served, stealing allowed) and real broadcast channels. */
export function createBrowser(): { openTab(user: string): Tab } {
	const origin = crypto.randomUUID();
	const queues = new Map<string, Claim[]>();

	function drop(name: string, claim: Claim): void {
		const queue = queues.get(name) ?? [];
		const index = queue.indexOf(claim);
		if (index < 0) return;
		queue.splice(index, 1);
		if (index === 0) queue[0]?.grant();
	}

	function request(tab: Tab, name: string, { signal, steal }: { signal?: AbortSignal; steal?: boolean }, hold: () => Promise<void>) {
		return new Promise<void>((resolve, reject) => {
			const claim: Claim = {
				tab,
				grant: () =>
					queueMicrotask(() => {
						if (!queues.get(name)?.includes(claim)) return;
						hold().then(() => {
							drop(name, claim);
							resolve();
						}, reject);
					}),
				lose: reject,
			};
			const queue = queues.get(name) ?? [];
			queues.set(name, queue);
			if (steal) {
				queue.shift()?.lose(new DOMException("Stolen", "AbortError"));
				queue.unshift(claim);
			} else queue.push(claim);
			if (queue[0] === claim) claim.grant();
			signal?.addEventListener("abort", () => {
				if (queue[0] === claim) return;
				drop(name, claim);
				reject(signal.reason);
			});
		});
	}

	return {
		openTab(user) {
			let mute = false;
			const tab: Tab = {
				user,
				visible: true,
				heard: [],
				isVisible: () => tab.visible,
				locks: { request: (name, options, hold) => request(tab, name, options, hold) },
				openChannel(name) {
					const real = new BroadcastChannel(`${origin}/${name}`);
					const channel: TabChannel = {
						onmessage: null,
						postMessage: (message) => {
							if (!mute) real.postMessage(message);
						},
						close: () => real.close(),
					};
					real.onmessage = (event: MessageEvent) => {
						if (mute) return;
						tab.heard.push(event.data as TabMessage);
						channel.onmessage?.(event);
					};
					return channel;
				},
				freeze() {
					mute = true;
				},
				kill() {
					mute = true;
					for (const [name, queue] of queues) for (const claim of queue.filter((one) => one.tab === tab)) drop(name, claim);
				},
				leads: () => [...queues.values()].some((queue) => queue[0]?.tab === tab),
			};
			return tab;
		},
	};
}
