/** Does work on the same key one after the other; different keys do not wait for each other. */
export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createOneAtATime(): OneAtATime {
	const last = new Map<string, Promise<unknown>>();
	return (key, work) => {
		const before = last.get(key) ?? Promise.resolve();
		const mine = before.then(work, work);
		last.set(key, mine);
		const forget = (): void => {
			if (last.get(key) === mine) last.delete(key);
		};
		mine.then(forget, forget);
		return mine;
	};
}
