import { operation } from "../operation.ts";

export const listApprovals = operation({
	method: "GET",
	path: "/api/approvals",
	summary: "List what waits for your answer, the oldest question first",
	access: "login",
	answer: { status: 200, description: "{approvals}" },
});
