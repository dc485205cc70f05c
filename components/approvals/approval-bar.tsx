"use client";
import { Hand } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { formatCount } from "#lib/format.ts";
import type { WaitingApproval } from "#lib/protocol/index.ts";
import { buttonVariants } from "../ui/button-variants.ts";
import { useApprovals } from "./use-approvals.ts";
import { approvalWords } from "./words.ts";

/** On every page that does not show it anyway: that somebody's answer is waited for. It stays until it is given, and never answers itself. */
export function ApprovalBar({ initial }: { initial: WaitingApproval[] }) {
	const path = usePathname();
	const waiting = useApprovals(initial).filter(({ deploymentId }) => path !== `/deployments/${deploymentId}`);
	const [first] = waiting;
	if (!first || path === "/approvals" || path === "/") return null;
	const one = waiting.length === 1;
	return (
		<aside
			aria-label="Needs you"
			data-approval-bar
			className="fixed bottom-4 left-4 z-30 flex max-w-[calc(100%-2rem)] items-center gap-3 rounded-md border border-border border-l-4 border-l-warning bg-surface py-2 pr-2 pl-3 text-sm shadow-lg sm:max-w-md"
		>
			<Hand aria-hidden="true" className="size-4 shrink-0 text-warning" />
			<p className="min-w-0 break-words">
				{one
					? `${first.project.name} #${first.number} waits for you to approve ${approvalWords[first.kind].subject}.`
					: `${formatCount(waiting.length, "deployment")} wait for your approval.`}
			</p>
			<Link href={one ? `/deployments/${first.deploymentId}` : "/approvals"} className={buttonVariants({ variant: "outline", size: "sm" })}>
				Review
			</Link>
		</aside>
	);
}
