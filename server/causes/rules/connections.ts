import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

const services: Readonly<Record<string, string>> = {
	"5432": "PostgreSQL",
	"3306": "MySQL",
	"27017": "MongoDB",
	"6379": "Redis",
	"5672": "RabbitMQ",
	"9092": "Kafka",
	"9200": "Elasticsearch",
	"11211": "Memcached",
	"1433": "SQL Server",
};
const ports = Object.keys(services).join("|");

/** Something the project connects to does not answer. */
export const databaseCauses: readonly Cause[] = [
	{
		id: "database_unreachable",
		name: "The database does not answer",
		steps: ["build", "test", "start"],
		patterns: [
			new RegExp(String.raw`(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH) (?<host>[\w.:[\]-]{1,80}?):(?<port>${ports})\b`),
			/connection to server at "(?<host>[^"]{1,80})"[^\n]{0,60}port (?<port>\d+) failed/,
			new RegExp(
				String.raw`(?:connect|dial|Connection refused|Can't connect|Can't reach|could not connect)[^\n]{0,120}?(?<host>[\w.-]{1,80})[:'\x60 ]{1,3}(?<port>${ports})\b`,
				"i",
			),
			/Can't reach database server at `(?<host>[^`:]{1,80}):?`?:?`?(?<port>\d+)?/,
			/MongooseServerSelectionError|MongoServerSelectionError|SequelizeConnectionRefusedError|ER_ACCESS_DENIED_ERROR|password authentication failed for user/,
		],
		explain({ groups, circumstances: { step } }) {
			const service = services[groups.port ?? ""] ?? "The database";
			const local = /^(?:127\.|localhost|::1|\[?::1)/.test(groups.host ?? "");
			const where = groups.host ? ` at ${quote(`${groups.host}${groups.port ? `:${groups.port}` : ""}`)}` : "";
			return {
				message: `${service}${where} does not answer. ${local ? "Beside the app there is no database: every app runs alone." : "The app cannot reach it, or was refused."}`,
				action: `Set the address of a database that can be reached (often DATABASE_URL) as a secret on the project's Environment page, for ${step === "start" ? "the running app" : "builds"}, and retry.`,
			};
		},
	},
	{
		id: "build_calls_server",
		name: "The build asks a server that does not run",
		steps: ["build", "test"],
		patterns: [/ECONNREFUSED (?<at>(?:127\.0\.0\.1|::1|\[::1\]|localhost):\d{2,5})/],
		explain: ({ groups, circumstances: { command } }) => ({
			message: `${command} asks a server at ${quote(groups.at ?? "")}, and nothing runs there while it works. Often it is the app's own API.`,
			action:
				"Read the data without a request (call the function itself), or take it when a visitor asks. A server elsewhere is set by a variable, for builds. Then retry.",
		}),
	},
	{
		id: "service_name_unknown",
		name: "The name of another service is not known",
		steps: ["build", "test", "start"],
		patterns: [
			/getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<host>[\w.-]{1,120})/,
			/could not translate host name "(?<host>[^"]{1,120})"/,
			/(?:Name or service not known|Temporary failure in name resolution|no such host|nodename nor servname)[^\n]{0,100}/,
			/lookup (?<host>[\w.-]{1,120})[^\n]{0,60}: no such host/,
		],
		explain({ groups, circumstances: { step } }) {
			const inside = groups.host && !groups.host.includes(".");
			return {
				message: `${groups.host ? `The name ${quote(groups.host)}` : "The name of a server"} is not known here${inside ? ": it is the name of a service of docker-compose, and every app runs alone" : ""}.`,
				action: `Set the address of the service that is meant on the project's Environment page, for ${step === "start" ? "the running app" : "builds"}, and retry.`,
			};
		},
	},
];
