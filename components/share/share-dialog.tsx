"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useId, useState } from "react";
import type { ShareView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Modal } from "../commands/modal.tsx";
import { CopyButton } from "../deployments/copy-button.tsx";
import { Ago } from "../deployments/elapsed.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { Button } from "../ui/button.tsx";
import { Input, NativeSelect } from "../ui/input.tsx";

const lifetimes = [
	{ days: 1, name: "1 day" },
	{ days: 7, name: "7 days" },
	{ days: 30, name: "30 days" },
	{ days: 90, name: "90 days" },
];

/** Makes links under which anybody sees how the deployment went, and takes them back. */
export function ShareDialog({ deploymentId, onClose }: { deploymentId: string; onClose: () => void }) {
	const id = useId();
	const queries = useQueryClient();
	const [days, setDays] = useState(7);
	const key = ["shares", deploymentId];
	const shares = useQuery({ queryKey: key, queryFn: () => client.deployments.shares(deploymentId) });
	const refresh = () => queries.invalidateQueries({ queryKey: key });
	const make = useMutation({ mutationFn: () => client.deployments.share(deploymentId, { expiresInDays: days }), onSuccess: refresh });
	const revoke = useMutation({
		mutationFn: (share: string) => client.deployments.revokeShare(deploymentId, share),
		onSuccess: (_, share) => {
			if (make.data?.share.id === share) make.reset();
			return refresh();
		},
	});
	const made = make.data && `${window.location.origin}/share/${make.data.token}`;
	return (
		<Modal label="Share this deployment" onClose={onClose}>
			<div className="grid max-h-[75vh] grid-cols-1 gap-4 overflow-y-auto p-5 text-sm">
				<div>
					<h2 className="font-semibold text-lg">Share this deployment</h2>
					<p className="mt-1 text-muted-foreground">
						Whoever has the link sees how it went and its log, without logging in. They do not see the preview, the repository's address,
						variables or anything else of yours. The log is shown as it was printed: look through it first.
					</p>
				</div>
				<form
					className="flex flex-wrap items-end gap-2"
					onSubmit={(event) => {
						event.preventDefault();
						make.mutate();
					}}
				>
					<div className="grid gap-1">
						<label htmlFor={`${id}-days`}>The link opens for</label>
						<NativeSelect id={`${id}-days`} className="w-32" value={days} onChange={(event) => setDays(Number(event.target.value))}>
							{lifetimes.map((lifetime) => (
								<option key={lifetime.days} value={lifetime.days}>
									{lifetime.name}
								</option>
							))}
						</NativeSelect>
					</div>
					<Button type="submit" disabled={make.isPending} data-autofocus>
						{make.isPending ? "Making it…" : "Make a link"}
					</Button>
				</form>
				<CallFailure error={make.error ?? revoke.error} />
				{made && (
					<div className="grid gap-2 rounded-md border border-success/50 bg-success-soft p-3">
						<label htmlFor={`${id}-link`} className="font-medium">
							Copy it now: it is shown only once
						</label>
						<Input id={`${id}-link`} readOnly value={made} className="font-mono text-xs" onFocus={(event) => event.target.select()} />
						<div className="flex flex-wrap gap-2">
							<CopyButton text={made}>Copy the link</CopyButton>
							<Button asChild variant="outline" size="sm">
								<a href={made} target="_blank" rel="noopener noreferrer">
									<ExternalLink aria-hidden="true" /> See what they see
								</a>
							</Button>
						</div>
					</div>
				)}
				<section aria-labelledby={`${id}-list`}>
					<h3 id={`${id}-list`} className="font-medium">
						Links that open
					</h3>
					<QueryState what="links" query={shares}>
						{(list) => <Links shares={list} busy={revoke.isPending} onRevoke={revoke.mutate} />}
					</QueryState>
				</section>
				<div className="flex justify-end">
					<Button variant="outline" onClick={onClose}>
						Close
					</Button>
				</div>
			</div>
		</Modal>
	);
}

function Links({ shares, busy, onRevoke }: { shares: readonly ShareView[]; busy: boolean; onRevoke: (id: string) => void }) {
	if (shares.length === 0) return <p className="mt-1 text-muted-foreground">None. Nobody without a login sees this deployment.</p>;
	return (
		<ul className="mt-1 divide-y divide-border">
			{shares.map((share) => (
				<li key={share.id} data-share={share.id} className="flex min-h-12 flex-wrap items-center justify-between gap-2 py-1.5">
					<span>
						Made <Ago at={share.createdAt} />, opens until {share.expiresAt.slice(0, 10)}
						<span className="block text-muted-foreground text-xs">
							{share.lastOpenedAt ? (
								<>
									Opened <Ago at={share.lastOpenedAt} />
								</>
							) : (
								"Not opened yet"
							)}
						</span>
					</span>
					<Button variant="outline" size="sm" disabled={busy} onClick={() => onRevoke(share.id)}>
						Revoke
					</Button>
				</li>
			))}
		</ul>
	);
}
