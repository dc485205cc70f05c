import { type Client, createClient } from "#lib/client/client.ts";
import type { Author } from "#server/agents/brief/author.ts";
import { createSecurity } from "#server/http/secure.ts";
import { tableTarget } from "#tests/server/projects/fixtures.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { startTestDatabase, type TestDatabase } from "./database.ts";
import { provideTestServices, type TestServices } from "./services.ts";

/** The HTTP contract on real services and a real database, as seen by an administrator. */
export interface TestApi {
	database: TestDatabase;
	server: ApiServer;
	services: TestServices;
	/** The administrator's API token, and a client that has it. */
	token: string;
	admin: Client;
	/** Makes a member's account; answers an API token of theirs, which may answer approvals where it says so. */
	memberToken(email: string, mayApprove?: boolean): Promise<string>;
	stop(): Promise<void>;
}

/** `author` stands in for the templates when it is said whether a brief is understood. */
export async function startTestApi({ author }: { author?: Pick<Author, "accepts"> } = {}): Promise<TestApi> {
	const token = "Zk3vQ9xL1mWn7TqRb5Yc2Hd8Jf4Gs6Pa";
	const database = await startTestDatabase();
	const server = await startApiServer((origin) =>
		createSecurity({ publicUrl: origin, allowedOrigins: [], previewDomain: "localhost", dev: false }),
	);
	const services = await provideTestServices(database, { origin: server.origin, token, target: tableTarget(database), author });
	const admin = createClient({ origin: server.origin, token });
	return {
		database,
		server,
		services,
		token,
		admin,
		async memberToken(email, mayApprove = false) {
			const user = await admin.accounts.createUser({ email, name: email, password: "correct horse battery" });
			const principal = { user, via: "session", expiresAt: null, mayApprove: true } as const;
			return (await services.accounts.createToken(principal, { name: "test", expiresInDays: null, mayApprove })).token;
		},
		async stop() {
			await services.stop();
			await server.stop();
			await database.stop();
		},
	};
}
