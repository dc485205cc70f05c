"use client";
import { Check, CircleCheck, CircleX, Hand } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import type { StreamEvent, WaitingApproval } from "#lib/protocol/index.ts";
import { useApprovals } from "../approvals/use-approvals.ts";
import { approvalWords } from "../approvals/words.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { newsOf } from "../notifications/news.ts";
import { Button } from "../ui/button.tsx";
import { buttonVariants } from "../ui/button-variants.ts";
import { useAttention } from "./attention-provider.tsx";

/** What waits for this person, and what happened while they were not there; nothing where there is neither. */
export function NeedsYou({ initial }: { initial: WaitingApproval[] }) {
	const approvals = useApprovals(initial);
	const { items, settle } = useAttention();
	if (approvals.length === 0 && items.length === 0) return null;
	return (
		<section aria-labelledby="needs-you" data-needs-you className="grid grid-cols-1 gap-3">
			<div className="flex min-h-8 items-center justify-between gap-3">
				<h2 id="needs-you" className="font-semibold text-lg">
					{approvals.length > 0 || items.some((event) => !isGood(event)) ? "Needs you" : "Since you were last here"}
				</h2>
				{items.length > 1 && (
					<Button variant="ghost" size="sm" onClick={() => settle(() => true)}>
						Mark all as seen
					</Button>
				)}
			</div>
			<ul className="divide-y divide-border rounded-lg border border-border bg-surface">
				{approvals.map(({ deploymentId, id, kind, project, number, requestedAt }) => (
					<Row
						key={`${deploymentId}/${id}`}
						icon={<Hand aria-hidden="true" className="text-warning" />}
						text={`${project.name} #${number}: ${approvalWords[kind].question}`}
						at={requestedAt}
					>
						<Link href={`/deployments/${deploymentId}`} className={buttonVariants({ size: "sm" })}>
							Review
						</Link>
					</Row>
				))}
				{items.toReversed().map((event) => (
					<Happened key={event.id} event={event} onSeen={() => settle(({ id }) => id === event.id)} />
				))}
			</ul>
		</section>
	);
}

function Happened({ event, onSeen }: { event: StreamEvent; onSeen: () => void }) {
	const news = newsOf(event);
	return (
		<Row
			icon={
				isGood(event) ? <CircleCheck aria-hidden="true" className="text-success" /> : <CircleX aria-hidden="true" className="text-danger" />
			}
			text={event.content}
			at={event.timestamp}
		>
			{news?.href && (
				<Link href={news.href} className={buttonVariants({ variant: "outline", size: "sm" })}>
					Show
				</Link>
			)}
			<Button variant="ghost" size="sm" onClick={onSeen}>
				<Check aria-hidden="true" />
				Seen
			</Button>
		</Row>
	);
}

const isGood = (event: StreamEvent): boolean => newsOf(event)?.tone === "success";

function Row({ icon, text, at, children }: { icon: ReactNode; text: string; at: string; children: ReactNode }) {
	return (
		<li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3 [&>svg]:size-5 [&>svg]:shrink-0">
			{icon}
			<div className="min-w-0 flex-1 basis-60">
				<p className="line-clamp-2 break-words text-sm">{text}</p>
				<p className="text-muted-foreground text-xs">
					<Ago at={at} />
				</p>
			</div>
			<div className="flex gap-2">{children}</div>
		</li>
	);
}
