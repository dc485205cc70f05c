const key = "quayside.told";
const keep = 50;
/** What one tab stores reaches the processes of other tabs a moment later; a lock that is held is known to all of them at once. */
const holdMs = 10_000;

/** The parts of a browser that are needed to tell something once in all of its tabs. */
export interface Tabs {
	locks: Pick<LockManager, "request">;
	storage: Pick<Storage, "getItem" | "setItem">;
}

/** True for the first tab that asks with this id; false for all others, and for the same one again. */
export function claim(id: string, { locks, storage }: Tabs): Promise<boolean> {
	return new Promise((resolve, reject) => {
		const hold = (lock: Lock | null) => {
			const told = readTold(storage);
			if (!lock || told.includes(id)) return resolve(false);
			storage.setItem(key, JSON.stringify([...told, id].slice(-keep)));
			resolve(true);
			return new Promise<void>((release) => setTimeout(release, holdMs));
		};
		locks.request(`${key}.${id}`, { ifAvailable: true }, hold).catch(reject);
	});
}

function readTold(storage: Tabs["storage"]): string[] {
	try {
		const told: unknown = JSON.parse(storage.getItem(key) ?? "[]");
		return Array.isArray(told) ? told.filter((id) => typeof id === "string") : [];
	} catch {
		return [];
	}
}
