"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { type DeployKeyView, parseGitUrl } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { Ago } from "../deployments/elapsed.tsx";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Panel } from "../ui/panel.tsx";

/** The ssh key with which Quayside reads a private repository, and the servers whose own keys it expects. */
export function DeployKeyPanel({ slug, url }: { slug: string; url: string }) {
	const queries = useQueryClient();
	const queryKey = [...listKeys.project(slug), "deploy-key"];
	const query = useQuery({ queryKey, queryFn: () => client.projects.deployKey(slug) });
	const onSuccess = () => queries.invalidateQueries({ queryKey });
	const make = useMutation({ mutationFn: () => client.projects.makeDeployKey(slug), onSuccess });
	const forget = useMutation({ mutationFn: (host: string) => client.projects.forgetHost(slug, host), onSuccess });
	const parsed = parseGitUrl(url);
	const usesSsh = parsed.ok && parsed.value.transport === "ssh";
	return (
		<div className="grid min-w-0 grid-cols-1 gap-4">
			<Panel title="Deploy key" about="Lets Quayside read one private repository by ssh, and nothing else.">
				<QueryState what="deploy key" query={query}>
					{(key) => (
						<div className="grid grid-cols-1 gap-3">
							{key ? (
								<Key deployKey={key} />
							) : (
								<p className="text-sm">
									{usesSsh
										? "This repository has an ssh address, and there is no key for it yet."
										: "There is no key. It is needed only for an ssh address such as git@host:owner/name.git; for an https address use an access token."}
								</p>
							)}
							<div>
								{key ? (
									<AlertDialog
										title="Make a new deploy key?"
										description="The key that is there stops working with the next deployment. The new one has to be added to the repository first."
										cancel="Keep the key"
										action="Make a new key"
										onAction={() => make.mutate()}
									>
										{(open) => (
											<ServerButton variant="outline" size="sm" disabled={make.isPending} onClick={open}>
												<KeyRound aria-hidden="true" /> Make a new key
											</ServerButton>
										)}
									</AlertDialog>
								) : (
									<ServerButton variant={usesSsh ? "default" : "outline"} size="sm" disabled={make.isPending} onClick={() => make.mutate()}>
										<KeyRound aria-hidden="true" /> {make.isPending ? "Making it…" : "Make a deploy key"}
									</ServerButton>
								)}
							</div>
							<CallFailure error={make.error} />
						</div>
					)}
				</QueryState>
			</Panel>
			{query.data && query.data.knownHosts.length > 0 && (
				<KnownHosts hosts={query.data.knownHosts} busy={forget.isPending} error={forget.error} onForget={(host) => forget.mutate(host)} />
			)}
		</div>
	);
}

function Key({ deployKey: { publicKey, fingerprint, createdAt } }: { deployKey: DeployKeyView }) {
	return (
		<ol className="grid grid-cols-1 gap-3 text-sm">
			<Step number={1}>
				<p>Copy this public key.</p>
				<div className="mt-1.5 flex flex-wrap items-center gap-2">
					<code
						className="min-w-0 flex-1 basis-56 break-all rounded-md bg-log px-2.5 py-2 font-mono text-log-foreground text-xs"
						data-public-key
					>
						{publicKey}
					</code>
					<CopyButton text={publicKey}>Copy the key</CopyButton>
				</div>
				<p className="mt-1 break-all text-muted-foreground text-xs">
					{fingerprint}, made <Ago at={createdAt} />
				</p>
			</Step>
			<Step number={2}>
				<p>
					On your git server, open the repository's settings, then its deploy keys, and add the key. Reading is enough: allow no writing.
				</p>
			</Step>
			<Step number={3}>
				<p>Come back and deploy.</p>
			</Step>
		</ol>
	);
}

function Step({ number, children }: { number: number; children: ReactNode }) {
	return (
		<li className="flex gap-3">
			<span aria-hidden="true" className="grid size-6 shrink-0 place-items-center rounded-full bg-sunken font-semibold text-xs">
				{number}
			</span>
			<div className="min-w-0 flex-1">{children}</div>
		</li>
	);
}

interface KnownHostsProps {
	hosts: DeployKeyView["knownHosts"];
	busy: boolean;
	error: Error | null;
	onForget: (host: string) => void;
}

function KnownHosts({ hosts, busy, error, onForget }: KnownHostsProps) {
	return (
		<Panel
			title="Known servers"
			about="The key a git server showed first is expected from then on. A server that shows another one is not talked to."
		>
			<ul className="divide-y divide-border">
				{hosts.map(({ host, fingerprint, pinnedAt }) => (
					<li key={host} data-host={host} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2">
						<div className="min-w-0 flex-1 basis-56">
							<p className="break-all font-medium font-mono text-sm">{host}</p>
							<p className="break-all text-muted-foreground text-xs">
								{fingerprint}, since <Ago at={pinnedAt} />
							</p>
						</div>
						<AlertDialog
							title={`Forget the key of ${host}?`}
							description="The next deployment takes whatever key the server shows, and expects it from then on. Do this only when you know that its key was changed."
							cancel="Keep it"
							action="Forget it"
							destructive
							onAction={() => onForget(host)}
						>
							{(open) => (
								<ServerButton variant="outline" size="sm" disabled={busy} onClick={open}>
									Forget
								</ServerButton>
							)}
						</AlertDialog>
					</li>
				))}
			</ul>
			<CallFailure error={error} className="mt-3" />
		</Panel>
	);
}
