"use client";
import Link from "next/link";
import { useState } from "react";
import type { WaitingApproval } from "#lib/protocol/index.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Notice } from "../shell/notice.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Card } from "../ui/card.tsx";
import { ApprovalActions } from "./approval-actions.tsx";
import { ApprovalFacts } from "./approval-facts.tsx";
import { useApprovals } from "./use-approvals.ts";
import { approvalWords } from "./words.ts";

/** Everything that waits for this person, the oldest question first. */
export function ApprovalInbox({ initial }: { initial: WaitingApproval[] }) {
	const approvals = useApprovals(initial);
	const [refused, setRefused] = useState<Error | null>(null);
	if (approvals.length === 0)
		return (
			<>
				<CallFailure error={refused} />
				<Notice title="Nothing waits for you">
					<p>A project's settings say whether a person approves its plans and releases.</p>
				</Notice>
			</>
		);
	return (
		<div className="grid grid-cols-1 gap-4">
			<CallFailure error={refused} />
			<h1 className="font-semibold text-2xl tracking-tight">Approvals</h1>
			<ul className="grid grid-cols-1 gap-4">
				{approvals.map((approval) => (
					<li key={`${approval.deploymentId}/${approval.id}`}>
						<Question approval={approval} onRefused={setRefused} />
					</li>
				))}
			</ul>
		</div>
	);
}

function Question({ approval, onRefused }: { approval: WaitingApproval; onRefused: (error: Error) => void }) {
	const { deploymentId, project, number, kind, text, requestedAt } = approval;
	const name = `${project.name} #${number}`;
	return (
		<Card data-approval={deploymentId} className="grid min-w-0 gap-4 p-4 md:grid-cols-2">
			<div className="grid min-w-0 content-start gap-3">
				<div>
					<h2 className="font-semibold">
						<Link href={`/deployments/${deploymentId}`} className="text-info underline underline-offset-4">
							{name}
						</Link>
						: {approvalWords[kind].question}
					</h2>
					<p className="mt-1 text-muted-foreground text-sm">
						{text} Asked <Ago at={requestedAt} />.
					</p>
				</div>
				<ApprovalActions deploymentId={deploymentId} approval={approval} name={name} onRefused={onRefused} />
			</div>
			<PanelBoundary what="facts">
				<ApprovalFacts deploymentId={deploymentId} approval={approval} />
			</PanelBoundary>
		</Card>
	);
}
