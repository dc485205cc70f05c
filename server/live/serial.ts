/**
 * Runs tasks one after the other in the order they came. `push` answers false, and forgets the task, when `limit` tasks are
 * waiting already.
 */
export function createSerial(limit: number, onError: (error: unknown) => void): { push(task: () => Promise<void>): boolean } {
	const waiting: (() => Promise<void>)[] = [];
	let running = false;

	async function run(): Promise<void> {
		running = true;
		for (let task = waiting.shift(); task; task = waiting.shift()) await task().catch(onError);
		running = false;
	}

	return {
		push(task) {
			if (waiting.length >= limit) return false;
			waiting.push(task);
			if (!running) void run();
			return true;
		},
	};
}
