const key = "quayside.told";
const keep = 50;

/** The parts of a browser that are needed to tell something once in all of its tabs. */
export interface Tabs {
	locks: Pick<LockManager, "request">;
	storage: Pick<Storage, "getItem" | "setItem">;
}

/** True for the first tab that asks with this id; false for all others, and for the same one again. */
export function claim(id: string, { locks, storage }: Tabs): Promise<boolean> {
	return locks.request(key, () => {
		const told = readTold(storage);
		if (told.includes(id)) return false;
		storage.setItem(key, JSON.stringify([...told, id].slice(-keep)));
		return true;
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
