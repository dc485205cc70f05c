import { expect, test } from "vitest";
import { statusMeaning, statusText } from "#components/live/status-words.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import { liveServers, sentence } from "./live-fixture.ts";
import { clientOf, createReader, seqs, untilStatus, upTo } from "./reader.ts";

const live = liveServers();
const stream = "deployment/CROWDED";

test.each([
	["the user's", { maxConnectionsPerUser: 1 }],
	["the server's", { maxConnections: 1 }],
])(
	"who finds %s last place taken is closed with 1013, says so, asks now and then, and comes in when there is room (R62)",
	async (whose, limits) => {
		const own = `${stream}-${whose.length}`;
		const server = await live.start({ limits });
		await live.append(own, [sentence()]);
		const [first, second] = [clientOf(server.origin, "ann"), clientOf(server.origin, "ann")];
		live.onEnd(() => first.close());
		live.onEnd(() => second.close());
		first.subscribe(own, { epoch: null, after: 0 }, {});
		await untilStatus(first, ({ kind }) => kind === "connected");

		const told: ConnectionStatus[] = [];
		second.onStatus((status) => told.push(status));
		const reader = createReader();
		second.subscribe(own, { epoch: null, after: 0 }, reader.handlers);
		await untilStatus(second, ({ crowded }) => crowded);
		expect(statusText(second.status(), 0)).toBe("Too many connections. Retrying…");
		expect(statusMeaning(second.status())).toContain("asks for what is new");

		// Also after more tries than make a server count as out of reach.
		for (let n = 2; n <= 25; n++) {
			await live.append(own, [sentence()]);
			await reader.until(({ events }) => events.length >= n);
		}
		expect(told.map(({ kind }) => kind)).not.toContain("connected");
		expect(told.map(({ kind }) => kind)).not.toContain("unreachable");
		expect(server.hub.clients().filter(({ transport }) => transport !== "poll")).toHaveLength(1);

		first.close();
		await untilStatus(second, ({ kind, transport }) => kind === "connected" && transport === "ws");
		expect(second.status().crowded).toBe(false);
		await live.append(own, [sentence()]);
		await reader.until(({ events }) => events.length >= 26);
		expect(seqs(reader)).toEqual(upTo(26));
	},
);
