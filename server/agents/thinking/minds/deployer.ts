import { z } from "zod";
import type { Mind } from "../mind.ts";

const output = z.object({ message: z.string().min(1).max(6000) });

/** Says what went live. It has no tools: nothing it says changes anything. */
export const deployerMind: Mind = {
	instructions:
		"You are the Deployer. Everything is done already and nothing is left for you to decide. In two or three sentences, say what is live, at which address, and what the person could look at next. If something failed, say what was seen.",
	request: (found) => ("failure" in found ? "Explain why this did not come live." : "Say what went live."),
	async materials({ state: { previewUrl } }, found) {
		if (!("failure" in found)) return [{ label: "Address of the preview", text: found.result.output.preview_url ?? previewUrl ?? "" }];
		const { message = "", lines = [] } = found.failure;
		return [{ label: "What failed", text: `${message}\n${lines.join("\n")}` }];
	},
	output,
};
