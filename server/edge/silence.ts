/** Notices apps that take requests and never answer them. */
export interface Silence {
	answered(slug: string): void;
	/** One request of this project's app got no answer in time. */
	late(slug: string): void;
}

/** Calls back once for each time that an app left `requests` in a row unanswered, until it answers again. */
export function createSilence(requests: number, onSilent: (slug: string) => void): Silence {
	const late = new Map<string, number>();
	return {
		answered(slug) {
			if (late.size > 0) late.delete(slug);
		},
		late(slug) {
			const count = (late.get(slug) ?? 0) + 1;
			late.set(slug, count);
			if (count === requests) onSilent(slug);
		},
	};
}
