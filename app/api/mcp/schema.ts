import { operation } from "../operation.ts";

export const callMcp = operation({
	method: "POST",
	path: "/api/mcp",
	summary: "Speak the Model Context Protocol (Streamable HTTP, with an API token)",
	access: "login",
	file: { mediaType: "application/json", description: "A JSON-RPC message. Accept has to name application/json and text/event-stream." },
	answer: { status: 200, description: "The JSON-RPC answer; 202 to a notification.", mediaType: "application/json" },
});
