import { AppError } from "#lib/errors.ts";
import { handle } from "../handle.ts";

export const dynamic = "force-dynamic";

/** What belongs to nobody is answered like everything else here, as JSON, and only to those who may look. */
const nothing = handle(
	{ method: "GET", path: "/api/{rest}", summary: "", access: "login", answer: { status: 404, description: "" } },
	async () => {
		throw new AppError("not_found");
	},
);

export { nothing as DELETE, nothing as GET, nothing as PATCH, nothing as POST, nothing as PUT };
