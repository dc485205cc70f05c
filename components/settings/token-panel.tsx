"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { TokenView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { Ago } from "../deployments/elapsed.tsx";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Alert } from "../ui/alert.tsx";
import { Card } from "../ui/card.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Input, NativeSelect } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";

const queryKey = ["tokens"];

/** API tokens for scripts: made, shown once, revoked. */
export function TokenPanel({ initial }: { initial: TokenView[] }) {
	const queries = useQueryClient();
	const { data } = useQuery({ queryKey, queryFn: () => client.accounts.tokens(), initialData: initial });
	const [fresh, setFresh] = useState<{ id: string; token: string } | null>(null);
	const refresh = () => queries.invalidateQueries({ queryKey });
	const revoke = useMutation({
		mutationFn: (id: string) => client.accounts.revokeToken(id),
		onSuccess: (_, id) => {
			if (fresh?.id === id) setFresh(null);
			return refresh();
		},
	});
	return (
		<Card className="grid gap-4 p-5">
			<div>
				<h2 className="font-semibold">API tokens</h2>
				<p className="mt-1 text-muted-foreground text-sm">
					For scripts and the command line. A token may do everything you may do; approvals it may answer only where you say so.
				</p>
			</div>
			{fresh && (
				<Alert tone="success" role="status" className="flex-wrap items-center justify-between">
					<div className="min-w-0 flex-1 basis-64">
						<p className="font-medium">Copy the token now. It is not shown again.</p>
						<code data-new-token className="break-all font-mono text-xs">
							{fresh.token}
						</code>
					</div>
					<CopyButton text={fresh.token}>Copy token</CopyButton>
				</Alert>
			)}
			<CallFailure error={revoke.error} />
			{data.length > 0 ? (
				<ul className="divide-y divide-border rounded-md border border-border">
					{data.map((token) => (
						<li key={token.id} className="flex items-center gap-3 px-3 py-2">
							<div className="min-w-0 flex-1">
								<p className="break-words font-medium text-sm">{token.name}</p>
								<p className="text-muted-foreground text-xs">
									made <Ago at={token.createdAt} />,{" "}
									{token.lastUsedAt ? (
										<>
											last used <Ago at={token.lastUsedAt} />
										</>
									) : (
										"never used"
									)}
									{token.mayApprove && ", may answer approvals"}
									{token.expiresAt ? `, valid until ${token.expiresAt.slice(0, 10)}` : ", does not expire"}
								</p>
							</div>
							<ServerButton
								variant="ghost"
								size="icon-sm"
								title="Revoke"
								disabled={revoke.isPending}
								onClick={() => revoke.mutate(token.id)}
							>
								<Trash2 aria-hidden="true" />
								<span className="sr-only">Revoke {token.name}</span>
							</ServerButton>
						</li>
					))}
				</ul>
			) : (
				<p className="text-muted-foreground text-sm">There are no tokens.</p>
			)}
			<TokenForm
				onCreated={(token, view) => {
					setFresh({ id: view.id, token });
					void refresh();
				}}
			/>
		</Card>
	);
}

function TokenForm({ onCreated }: { onCreated: (token: string, view: TokenView) => void }) {
	const create = useMutation({ mutationFn: client.accounts.createToken, onSuccess: ({ token, view }) => onCreated(token, view) });
	function submit(event: FormEvent<HTMLFormElement>) {
		event.preventDefault();
		const form = event.currentTarget;
		const fields = new FormData(form);
		const days = Number(fields.get("days"));
		const mayApprove = fields.get("approve") === "on";
		const name = String(fields.get("name")).trim();
		create.mutate({ name, expiresInDays: days > 0 ? days : null, mayApprove }, { onSuccess: () => form.reset() });
	}
	return (
		<form onSubmit={submit} className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_auto_auto] sm:items-end">
			<div className="grid gap-1.5">
				<Label htmlFor="token-name">Name of the new token</Label>
				<Input id="token-name" name="name" autoComplete="off" required maxLength={100} placeholder="release script" />
			</div>
			<div className="grid gap-1.5">
				<Label htmlFor="token-days">Valid for</Label>
				<NativeSelect id="token-days" name="days" defaultValue="90">
					<option value="30">30 days</option>
					<option value="90">90 days</option>
					<option value="365">1 year</option>
					<option value="0">no limit</option>
				</NativeSelect>
			</div>
			<ServerButton type="submit" disabled={create.isPending}>
				{create.isPending ? "Making…" : "Make token"}
			</ServerButton>
			<Label htmlFor="token-approve" className="flex min-h-8 items-center gap-2 font-normal sm:col-span-3">
				<Checkbox id="token-approve" name="approve" />
				May answer approvals for you
			</Label>
			<CallFailure error={create.error} className="sm:col-span-3" />
		</form>
	);
}
