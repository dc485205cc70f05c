"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";
import { shortSource } from "#lib/format.ts";
import { defaultBranch, type PushedView, type PushRemote } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Modal } from "../commands/modal.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";

/** Pushes a product to a git repository of the person's own. */
export function PushDialog({ deploymentId, onClose }: { deploymentId: string; onClose: () => void }) {
	const remote = useQuery({ queryKey: keyOf(deploymentId), queryFn: () => client.deployments.pushRemote(deploymentId) });
	return (
		<Modal label="Push to git" onClose={onClose}>
			<div className="grid max-h-[75vh] grid-cols-1 gap-4 overflow-y-auto p-5 text-sm">
				<div>
					<h2 className="font-semibold text-lg">Push to git</h2>
					<p className="mt-1 text-muted-foreground">
						The files of this deployment become one commit: on a new branch, or on top of what was pushed from here before. What others have
						committed is never overwritten.
					</p>
				</div>
				<QueryState what="last push" query={remote}>
					{(last) => <PushForm deploymentId={deploymentId} last={last} onClose={onClose} />}
				</QueryState>
			</div>
		</Modal>
	);
}

const keyOf = (deploymentId: string) => ["push-remote", deploymentId];

function PushForm({ deploymentId, last, onClose }: { deploymentId: string; last: PushRemote | null; onClose: () => void }) {
	const id = useId();
	const queries = useQueryClient();
	const push = useMutation({
		mutationFn: (form: FormData) => {
			const said = (name: string) => String(form.get(name) ?? "").trim();
			const token = said("token");
			return client.deployments.push(deploymentId, { url: said("url"), branch: said("branch"), ...(token !== "" && { token }) });
		},
		onSuccess: () => queries.invalidateQueries({ queryKey: keyOf(deploymentId) }),
	});
	function submit(event: FormEvent<HTMLFormElement>) {
		event.preventDefault();
		if (!push.isPending) push.mutate(new FormData(event.currentTarget));
	}
	return (
		<form onSubmit={submit} className="grid gap-3">
			<div className="grid gap-1.5">
				<Label htmlFor={`${id}-url`}>Repository</Label>
				<Input
					id={`${id}-url`}
					name="url"
					required
					autoComplete="off"
					placeholder="https://host/owner/name.git"
					defaultValue={last?.url ?? ""}
					data-autofocus
				/>
			</div>
			<div className="grid gap-1.5">
				<Label htmlFor={`${id}-branch`}>Branch</Label>
				<Input id={`${id}-branch`} name="branch" required autoComplete="off" defaultValue={last?.branch ?? defaultBranch} />
			</div>
			<div className="grid gap-1.5">
				<Label htmlFor={`${id}-token`}>Access token that may write there</Label>
				<Input
					id={`${id}-token`}
					name="token"
					type="password"
					autoComplete="off"
					aria-describedby={`${id}-hint`}
					placeholder={last?.hasToken ? "kept from the last push" : ""}
				/>
				<p id={`${id}-hint`} className="text-muted-foreground">
					Kept encrypted for this git server. An ssh address needs none: the project's deploy key is used.
				</p>
			</div>
			<CallFailure error={push.error} />
			<p role="status">{push.data && <Outcome pushed={push.data} />}</p>
			<div className="flex justify-end gap-2">
				<Button type="button" variant="outline" onClick={onClose}>
					Close
				</Button>
				<Button type="submit" aria-disabled={push.isPending}>
					{push.isPending ? "Pushing…" : "Push"}
				</Button>
			</div>
		</form>
	);
}

function Outcome({ pushed: { url, branch, commit, unchanged } }: { pushed: PushedView }) {
	const where = `${shortSource(url)}, branch ${branch}`;
	return unchanged ? `${where} holds these files already.` : `Pushed to ${where}, as commit ${commit.slice(0, 7)}.`;
}
