/** Tells all nodes that something they keep in memory was changed, such as settings. */
export interface News {
	/** After the commit that changed it. */
	tell(topic: string): void;
	/** Calls back at every change, on whichever node, and whenever one may have been missed; answers the function that stops it. */
	onNews(topic: string, listener: () => void): () => void;
}

/** `send` carries a topic to the other nodes; `hear` is what they sent, `hearAll` for when nobody knows what was missed. */
export function createNews(send: (topic: string) => void): { news: News; hear(topic: string): void; hearAll(): void } {
	const listeners = new Map<string, Set<() => void>>();
	const hear = (topic: string): void => {
		for (const listener of listeners.get(topic) ?? []) listener();
	};
	return {
		hear,
		hearAll() {
			for (const topic of listeners.keys()) hear(topic);
		},
		news: {
			tell(topic) {
				hear(topic);
				send(topic);
			},
			onNews(topic, listener) {
				const known = listeners.get(topic) ?? new Set();
				listeners.set(topic, known.add(listener));
				return () => void known.delete(listener);
			},
		},
	};
}
