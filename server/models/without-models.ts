import { failed } from "../../lib/protocol/index.ts";
import type { Models } from "./models.ts";

/** No model is set up. */
export const withoutModels: Models = {
	isReady: async () => false,
	run: async () => failed({ code: "model_not_configured" }),
};
