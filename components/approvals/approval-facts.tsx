"use client";
import type { ReactNode } from "react";
import { shortCommit } from "#lib/format.ts";
import { type ApprovalKind, commandText, type Fix, type Plan, type ReleaseChanges } from "#lib/protocol/index.ts";
import { DiffView } from "../deployments/conversation/diff-view.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { useApproval } from "./use-approvals.ts";

interface ApprovalFactsProps {
	deploymentId: string;
	approval: { id: string; kind: ApprovalKind };
}

/** What a person decides about, as things stand now. */
export function ApprovalFacts({ deploymentId, approval }: ApprovalFactsProps) {
	const query = useApproval(deploymentId, approval.id);
	return (
		<QueryState what="question" query={query}>
			{({ plan, changes, fix }) => {
				if (fix) return <Repair fix={fix} />;
				return changes ? <Changes changes={changes} /> : plan ? <PlanInShort plan={plan} /> : null;
			}}
		</QueryState>
	);
}

function Facts({ title, rows, children }: { title: string; rows: readonly (readonly [string, ReactNode])[]; children?: ReactNode }) {
	return (
		<div className="grid gap-2">
			<h2 className="chart-label">{title}</h2>
			<dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-sm">
				{rows.map(([name, value]) => (
					<div key={name} className="contents">
						<dt className="text-muted-foreground">{name}</dt>
						<dd className="break-words font-mono text-[0.8125rem] leading-5">{value}</dd>
					</div>
				))}
			</dl>
			{children}
		</div>
	);
}

function PlanInShort({ plan }: { plan: Plan }) {
	const commands = { Install: plan.install, Build: plan.build, Test: plan.test, Start: plan.start };
	const rows = Object.entries(commands).flatMap(([name, command]) => (command === null ? [] : [[name, commandText(command)] as const]));
	return (
		<Facts
			title="What will be done"
			rows={[["Kind", plan.framework], ...rows, ...(plan.output === null ? [] : [["Output", plan.output] as const])]}
		>
			{plan.warnings.map((warning) => (
				<p key={warning} className="line-clamp-2 break-words text-sm text-warning">
					{warning}
				</p>
			))}
		</Facts>
	);
}

function Repair({ fix }: { fix: Fix }) {
	return (
		<div className="grid min-w-0 grid-cols-1 gap-2" data-proposed-fix>
			<h3 className="chart-label">What would be changed</h3>
			<p className="break-words text-sm">{fix.title}.</p>
			<DiffView diff={fix.diff} label="What would be changed" />
		</div>
	);
}

function Changes({ changes: { target, live, commit, env, plan } }: { changes: ReleaseChanges }) {
	const names = [
		...env.added.map((name) => `+ ${name}`),
		...env.removed.map((name) => `− ${name}`),
		...env.changed.map((name) => `${name} (another value)`),
	];
	const commitOf = (value: string | null) => (value === null ? "" : `, commit ${shortCommit(value)}`);
	return (
		<Facts
			title="What changes for visitors"
			rows={[
				["Target", target === "local" ? "this machine" : target],
				["Live now", live ? `deployment ${live.number}${commitOf(live.commit)}` : "nothing yet"],
				...(commit === null
					? []
					: [["Commit", commit === live?.commit ? `${shortCommit(commit)}, the same` : shortCommit(commit)] as const]),
				["Variables", names.length > 0 ? names.join(", ") : "as they are"],
				...plan.map(({ field, before, after }) => [field, `${before} → ${after}`] as const),
			]}
		/>
	);
}
