"use client";
import { RefreshCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { formatBytes } from "#lib/format.ts";
import type { LiveClient } from "#lib/services.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { reasonTexts, transportNames } from "../live/status-words.ts";
import { Button } from "../ui/button.tsx";

interface ConnectionTableProps {
	connections: readonly LiveClient[];
	/** Names of the accounts by their ids. */
	names: Readonly<Record<string, string>>;
}

/** Every live connection of this server, for administrators. Looked at when somebody asks: a list of connections needs no connection. */
export function ConnectionTable({ connections, names }: ConnectionTableProps) {
	const router = useRouter();
	const [isFetching, startFetching] = useTransition();
	return (
		<section aria-labelledby="connections" className="grid grid-cols-1 gap-3">
			<div className="flex items-center justify-between gap-3">
				<h2 id="connections" className="font-semibold">
					Connections
				</h2>
				<Button size="sm" variant="outline" aria-disabled={isFetching} onClick={() => startFetching(() => router.refresh())}>
					<RefreshCw aria-hidden="true" />
					Refresh
				</Button>
			</div>
			{connections.length === 0 ? (
				<p className="text-muted-foreground text-sm">Nobody is connected.</p>
			) : (
				<section aria-label="Table of connections" className="overflow-x-auto rounded-lg border border-border bg-surface" {...focusable}>
					<table className="w-full text-left text-sm [&_td]:px-3 [&_td]:py-2 [&_td]:align-top [&_th]:px-3 [&_th]:py-2">
						<thead className="border-border border-b text-muted-foreground text-xs">
							<tr>
								<th scope="col">Who</th>
								<th scope="col">Transport</th>
								<th scope="col">Since</th>
								<th scope="col">Reads</th>
								<th scope="col">Waiting to be sent</th>
								<th scope="col">Program</th>
							</tr>
						</thead>
						<tbody className="divide-y divide-border">
							{connections.map(({ id, userId, transport, via, since, subscriptions, bufferedBytes, lagS, userAgent }) => (
								<tr key={id} data-client={id}>
									<td className="whitespace-nowrap font-medium">{names[userId] ?? "A removed account"}</td>
									<td>
										{transportNames[transport]}
										{via !== null && <span className="block min-w-40 text-muted-foreground text-xs">{reasonTexts[via]}</span>}
									</td>
									<td className="whitespace-nowrap">
										<Ago at={since} />
									</td>
									<td>
										<ul>
											{subscriptions.map((stream) => (
												<li key={stream} className="whitespace-nowrap font-mono text-xs">
													{stream}
												</li>
											))}
										</ul>
									</td>
									<td className="whitespace-nowrap tabular-nums">
										{formatBytes(bufferedBytes)}
										{lagS > 0 && <span className="block text-warning text-xs">behind for {Math.round(lagS)} s</span>}
									</td>
									<td className="min-w-64 break-words text-muted-foreground text-xs">{userAgent || "not stated"}</td>
								</tr>
							))}
						</tbody>
					</table>
				</section>
			)}
		</section>
	);
}

/** What scrolls sideways must be reachable by keyboard. */
const focusable = { tabIndex: 0 };
