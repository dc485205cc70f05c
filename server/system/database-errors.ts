import { AppError } from "../../lib/errors.ts";
import type { Services } from "../../lib/services.ts";
import { isConnectionBroken, isDiskFull } from "../db/broken.ts";

type Method = (...args: never[]) => unknown;

/** The same services, which say `database_unavailable` or `disk_full` where the database's own words would come out. */
export function withDatabaseErrors(services: Services): Services {
	const wrapped = Object.entries(services).map(([name, service]) => [name, wrap(service)]);
	return Object.fromEntries(wrapped) as Services;
}

function wrap<T extends object>(service: T): T {
	const methods = Object.entries(service).map(([name, method]) => [name, translated(method as Method)]);
	return Object.fromEntries(methods) as T;
}

function translated(method: Method): Method {
	return (...args) => {
		const answer = method(...args);
		return answer instanceof Promise ? answer.catch(translate) : answer;
	};
}

function translate(error: unknown): never {
	if (isConnectionBroken(error)) throw new AppError("database_unavailable", { cause: error });
	if (isDiskFull(error)) throw new AppError("disk_full", { cause: error });
	throw error;
}
