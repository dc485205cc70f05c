import { z } from "zod";
import type { Mind } from "../mind.ts";
import { addReadTools } from "../read-tools.ts";
import { filesOf } from "./analyst.ts";

const output = z.object({ message: z.string().min(1).max(6000) });

/** Says how build and tests went; explains what failed. */
export const testerMind: Mind = {
	instructions:
		"You are the Tester. If build and tests went well, say so in two sentences with what was built. If something failed, explain the cause from the failing lines and say what to change, in which file; say so when you cannot tell. Do not claim that anything was repaired.",
	request: (found) => ("failure" in found ? "Explain why this failed and what to change." : "Say how build and tests went."),
	async materials({ state: { plan } }, found) {
		if (!("failure" in found)) return [];
		const { message = "", command = "", exitCode, lines = [] } = found.failure;
		return [
			{ label: "What failed", text: `${message}\ncommand: ${command}\nexit code: ${exitCode ?? "none"}` },
			{ label: "The lines that matter", text: lines.join("\n") },
			{ label: "The plan", text: plan?.summary ?? "" },
		];
	},
	async equip(box, work) {
		const files = await filesOf(work);
		if (files !== null) addReadTools(box, files, work.redact);
	},
	output,
};
