import { expect, test, vi } from "vitest";
import { createCommandStore } from "#components/commands/command-store.ts";
import { createKeyReader, isFreeKey, isPaletteKey } from "#components/commands/key-reader.ts";

const command = (id: string, keys?: string) => ({ id, title: id, group: "Log" as const, keys, run: () => {} });

test("a single key finds its command, and only that one", () => {
	const keys = createKeyReader();
	const commands = [command("next", "n"), command("before", "N"), command("none")];
	expect(keys.read("n", commands, 0)).toBe(commands[0]);
	expect(keys.read("N", commands, 1)).toBe(commands[1]);
	expect(keys.read("q", commands, 2)).toBeNull();
});

test("a pair is found while the second key comes in time", () => {
	const keys = createKeyReader();
	const commands = [command("projects", "g p"), command("print", "p")];
	expect(keys.read("g", commands, 0)).toBe("pending");
	expect(keys.read("p", commands, 900)).toBe(commands[0]);
	// The pair is used up.
	expect(keys.read("p", commands, 950)).toBe(commands[1]);
	expect(keys.read("g", commands, 1000)).toBe("pending");
	expect(keys.read("p", commands, 2500)).toBe(commands[1]);
});

test("a second key that means nothing ends the pair, and may begin another", () => {
	const keys = createKeyReader();
	const commands = [command("projects", "g p")];
	expect(keys.read("g", commands, 0)).toBe("pending");
	expect(keys.read("x", commands, 100)).toBeNull();
	expect(keys.read("p", commands, 200)).toBeNull();
	expect(keys.read("g", commands, 300)).toBe("pending");
	expect(keys.read("g", commands, 400)).toBe("pending");
	expect(keys.read("p", commands, 500)).toBe(commands[0]);
});

test("keys with a modifier, long keys and typing by an input method are not ours", () => {
	const typed = { key: "n", ctrlKey: false, metaKey: false, altKey: false, isComposing: false, defaultPrevented: false, target: null };
	// There is no DOM here: a target that is no element stands for the page itself.
	vi.stubGlobal("Element", class {});
	expect(isFreeKey(typed)).toBe(true);
	for (const other of [
		{ ctrlKey: true },
		{ metaKey: true },
		{ altKey: true },
		{ isComposing: true },
		{ defaultPrevented: true },
		{ key: "Enter" },
		{ key: " " },
	])
		expect(isFreeKey({ ...typed, ...other }), JSON.stringify(other)).toBe(false);
	vi.unstubAllGlobals();
	expect(isPaletteKey({ key: "k", ctrlKey: true, metaKey: false, altKey: false })).toBe(true);
	expect(isPaletteKey({ key: "K", ctrlKey: false, metaKey: true, altKey: false })).toBe(true);
	expect(isPaletteKey({ key: "k", ctrlKey: false, metaKey: false, altKey: false })).toBe(false);
});

test("what is offered comes and goes with those who offer it; the later of two with one id counts", () => {
	const store = createCommandStore();
	let heard = 0;
	const stop = store.subscribe(() => heard++);
	const first = [command("a", "x"), command("b")];
	const second = [{ ...command("a", "y"), title: "another" }];
	const removeFirst = store.add(() => first);
	const removeSecond = store.add(() => second);
	expect(store.all().map(({ id, title }) => [id, title])).toEqual([
		["a", "another"],
		["b", "b"],
	]);
	expect(store.all()).toBe(store.all());
	removeSecond();
	expect(store.all()).toEqual(first);
	removeFirst();
	expect(store.all()).toEqual([]);
	expect(heard).toBe(4);
	stop();
	store.add(() => first);
	expect(heard).toBe(4);
});

test("a part of the page may take a key from the whole, and gives it back", () => {
	const store = createCommandStore();
	store.add(() => [command("new", "n")]);
	const remove = store.add(() => [command("next match", "n")]);
	expect(store.all().map(({ id, keys }) => [id, keys])).toEqual([
		["new", undefined],
		["next match", "n"],
	]);
	remove();
	expect(store.all().map(({ id, keys }) => [id, keys])).toEqual([["new", "n"]]);
});
