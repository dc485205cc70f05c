import { expect, it } from "vitest";
import { createTurns } from "#lib/turns.ts";

it("so much is done at a time and so much waits; the rest is refused, and what fails ends its turn too", async () => {
	const inTurn = createTurns({ atOnce: 2, maxWaiting: 2 });
	const began: number[] = [];
	const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
	const works = ends.map(({ promise }, n) =>
		inTurn(() => {
			began.push(n);
			return promise;
		}),
	);
	await expect(works[4]).rejects.toMatchObject({ code: "rate_limited" });
	expect(began).toEqual([0, 1]);
	ends[0]?.reject(new Error("broken"));
	await expect(works[0]).rejects.toThrow("broken");
	await expect.poll(() => began).toEqual([0, 1, 2]);
	for (const [n, { resolve }] of ends.entries()) resolve(n);
	expect(await Promise.all(works.slice(1, 4))).toEqual([1, 2, 3]);
	expect(await inTurn(async () => "free again")).toBe("free again");
});
