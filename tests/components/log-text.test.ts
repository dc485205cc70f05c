import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainText, toSegments } from "#components/deployments/log/log-text.ts";

const esc = "\u001b";

describe("log text", () => {
	it("keeps a plain line as one piece", () => {
		expect(toSegments("added 214 packages in 6s")).toEqual([{ text: "added 214 packages in 6s", className: "" }]);
		expect(toSegments("")).toEqual([]);
	});

	it("maps ANSI colours and bright colours to the theme's", () => {
		expect(toSegments(`${esc}[32m✓${esc}[39m built in ${esc}[1m${esc}[94m1.2s${esc}[0m`)).toEqual([
			{ text: "✓", className: "text-ansi-green" },
			{ text: " built in ", className: "" },
			{ text: "1.2s", className: "text-ansi-blue font-bold" },
		]);
	});

	it("gives a coloured ground the colour of its ink, so that it stays readable", () => {
		expect(toSegments(`${esc}[41m ERROR ${esc}[0m no`)).toEqual([
			{ text: " ERROR ", className: "text-ansi-red" },
			{ text: " no", className: "" },
		]);
	});

	it("shows the last state of progress that was overwritten", () => {
		expect(plainText("Receiving 10%\rReceiving 60%\rReceiving 100%, done.")).toBe("Receiving 100%, done.");
		expect(plainText("Receiving 60%\r")).toBe("Receiving 60%");
		expect(plainText(`Receiving 60%\r${esc}[32m${esc}[0m`)).toBe("Receiving 60%");
	});

	it("drops cursor moves, hyperlinks and titles", () => {
		expect(plainText(`${esc}[2K${esc}[1Gready${esc}[1A`)).toBe("ready");
		expect(plainText(`${esc}]8;;https://example.org${esc}\\docs${esc}]8;;${esc}\\`)).toBe("docs");
		expect(plainText(`${esc}]0;vite\u0007dev`)).toBe("dev");
	});

	it("never turns markup into anything but text", () => {
		expect(toSegments("<img src=x onerror=alert(1)>")).toEqual([{ text: "<img src=x onerror=alert(1)>", className: "" }]);
		expect(toSegments(`${esc}[31m<b>&amp;${esc}[0m`)).toEqual([{ text: "<b>&amp;", className: "text-ansi-red" }]);
	});

	it("shows the same characters with and without colours, for any input", () => {
		const piece = fc.oneof(fc.string(), fc.constantFrom(`${esc}[31m`, `${esc}[0m`, `${esc}[1;38;5;200m`, `${esc}[2K`, "\r"));
		fc.assert(
			fc.property(fc.array(piece), (pieces) => {
				const line = pieces.join("");
				const shown = toSegments(line)
					.map(({ text }) => text)
					.join("");
				expect(shown).toBe(plainText(line));
			}),
		);
	});
});
