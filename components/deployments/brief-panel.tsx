"use client";
import { useMutation } from "@tanstack/react-query";
import { Download, Undo2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { ulid } from "ulid";
import { canFollowUp, productPaths } from "#lib/deployment/selectors.ts";
import type { ArtifactState, DeploymentState } from "#lib/deployment/state.ts";
import { type Brief, maxMessageLength } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CodeView } from "../plan/code-view.tsx";
import { useArtifactText } from "../plan/use-artifact-text.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";
import { Panel } from "../ui/panel.tsx";
import { PushButton } from "./push-button.tsx";

/** What the product is made from, what the last follow-up changed, and the field for the next one. */
export function BriefPanel({ state, brief }: { state: DeploymentState; brief: Brief }) {
	const changes = state.artifacts.find(({ name }) => name === "changes.diff");
	const written = productPaths(state).every((path) => state.artifacts.some(({ name }) => name === path)) && state.tasks.length > 0;
	return (
		<div className="grid grid-cols-1 gap-4 lg:grid-cols-2" data-brief>
			<Panel
				title="Brief"
				action={
					written && (
						<div className="flex flex-wrap gap-2">
							<PushButton deploymentId={state.id} />
							<Button asChild variant="outline" size="sm">
								<a href={`/api/deployments/${state.id}/source.zip`} download>
									<Download aria-hidden="true" /> Download as zip
								</a>
							</Button>
						</div>
					)
				}
			>
				<div className="grid h-72 grid-rows-[minmax(0,1fr)_auto] gap-3">
					<Words brief={brief} />
					<FollowUp state={state} brief={brief} />
				</div>
			</Panel>
			<Panel title="What changed">
				<div className="h-72">
					{changes ? (
						<Changes deploymentId={state.id} changes={changes} />
					) : (
						<p className="text-muted-foreground text-sm">{noChanges(state, brief)}</p>
					)}
				</div>
			</Panel>
		</div>
	);
}

function noChanges({ tasks }: DeploymentState, { follow_up }: Brief): string {
	if (!follow_up) return "This is the product as it was described first. A follow-up shows here what it changed.";
	return tasks.length > 0 && tasks.every(({ status }) => status === "done")
		? `Nothing differs from deployment ${follow_up.number}.`
		: "It shows here once the Developer has written it.";
}

function Words({ brief }: { brief: Brief }) {
	const { text, messages, follow_up } = brief;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
		<section aria-label="What was asked for" tabIndex={0} className="grid content-start gap-2 overflow-auto text-sm">
			<p className="whitespace-pre-wrap break-words">{text}</p>
			{messages.length > 0 && (
				<ol aria-label="Follow-ups" className="grid gap-1 border-border border-l-2 pl-3">
					{messages.map((message, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: what was asked for keeps its place
						<li key={index} className="whitespace-pre-wrap break-words">
							{message}
						</li>
					))}
				</ol>
			)}
			{follow_up && (
				<p className="text-muted-foreground">
					{"Follow-up to "}
					<Link href={`/deployments/${follow_up.of}`} className="text-info underline underline-offset-4">
						deployment {follow_up.number}
					</Link>
					: “{follow_up.message}”
				</p>
			)}
		</section>
	);
}

function FollowUp({ state, brief }: { state: DeploymentState; brief: Brief }) {
	const router = useRouter();
	const [text, setText] = useState("");
	const tried = useRef({ message: "", to: "", key: "" });
	const send = useMutation({
		mutationFn: (message: string) => {
			// One that got no answer goes out again under its key, so that it is never carried out twice.
			if (tried.current.message !== message || tried.current.to !== state.id) tried.current = { message, to: state.id, key: ulid() };
			return client.deployments.message(state.id, message, { idempotencyKey: tried.current.key });
		},
		onSuccess: ({ deployment }) => router.push(`/deployments/${deployment.id}`),
	});
	const open = canFollowUp(state);
	const busy = send.isPending || send.isSuccess;
	const whyNot = open ? undefined : "Possible once this deployment has ended";
	function submit(event: FormEvent) {
		event.preventDefault();
		if (!busy && text.trim() !== "") send.mutate(text);
	}
	return (
		<form onSubmit={submit} className="grid gap-1.5">
			<CallFailure error={send.error} />
			<Label htmlFor="follow-up">Ask for a change</Label>
			<div className="flex flex-wrap gap-2">
				<Input
					id="follow-up"
					autoComplete="off"
					maxLength={maxMessageLength}
					className="min-w-48 flex-1"
					placeholder={open ? "make the header blue" : "possible once this deployment has ended"}
					disabled={!open}
					value={text}
					onChange={(event) => setText(event.currentTarget.value)}
				/>
				<ServerButton type="submit" title={whyNot} disabled={!open} aria-disabled={busy}>
					{busy ? "Sending…" : "Send"}
				</ServerButton>
				{brief.messages.length > 0 && (
					<ServerButton
						type="button"
						variant="outline"
						title={whyNot}
						disabled={!open}
						aria-disabled={busy}
						onClick={() => !busy && send.mutate("undo")}
					>
						<Undo2 aria-hidden="true" /> Undo the last one
					</ServerButton>
				)}
			</div>
		</form>
	);
}

function Changes({ deploymentId, changes }: { deploymentId: string; changes: ArtifactState }) {
	const query = useArtifactText(deploymentId, changes);
	return (
		<QueryState what="changes" query={query}>
			{(text) => <CodeView text={text} language="diff" label="Changes" className="h-full" />}
		</QueryState>
	);
}
