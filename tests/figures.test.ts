import { expect, it } from "vitest";
import { isMet } from "./bench/figures.ts";

it.each<[figure: string, goal: string, met: boolean | null]>([
	["4.3 ms", "≤ 20 ms, aim 10", true],
	["290 ms", "≤ 2 s, aim 0.5", true],
	["2.1 s", "≤ 2 s", false],
	["2100 ms", "≤ 2 s", false],
	["1.83", "≥ 0.7, aim 0.9", true],
	["0.44", "≥ 0.5", false],
	["1.53 ×", "≤ 1.5", false],
	["85.30 %", "> 95 %", false],
	["0.8 %", "≤ 1 % of a core", true],
	["99,723 /s", "≥ 30000 (aim 80000)", true],
	["121.0 fps", "≥ 50 fps", true],
	// What is no single number, or of another kind, is left to people.
	["16.8, 3.7 ms", "≤ 20 ms", null],
	["0; 0", "0; 0", null],
	["4.5", "unchanged", null],
	["4.5 MB", "≤ 3 s", null],
	["not measured", "≥ 1", null],
])("a figure of %s with the goal %s: %s (R258)", (figure, goal, met) => {
	expect(isMet(figure, goal)).toBe(met);
});
