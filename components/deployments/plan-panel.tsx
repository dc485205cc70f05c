"use client";
import { useMutation } from "@tanstack/react-query";
import { Pencil } from "lucide-react";
import { pendingApproval } from "#lib/deployment/approvals.ts";
import { retryChoices } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { formatDuration } from "#lib/format.ts";
import { isTerminal, type PlanChoice, type Stage } from "#lib/protocol/index.ts";
import { ApprovePlanForm } from "../approvals/approve-plan-form.tsx";
import { ArtifactPanel } from "../plan/artifact-panel.tsx";
import { FixesPanel } from "../plan/fixes-panel.tsx";
import { MissingVariables } from "../plan/missing-variables.tsx";
import { PlanAlternatives } from "../plan/plan-alternatives.tsx";
import { PlanEditor } from "../plan/plan-editor.tsx";
import { PlanFacts } from "../plan/plan-facts.tsx";
import { changeSettings } from "../projects/use-settings.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Button } from "../ui/button.tsx";
import { Panel } from "../ui/panel.tsx";
import { stageWords } from "./words.ts";

interface PlanPanelProps {
	state: DeploymentState;
	/** The form with which a person changes the plan is open. */
	editing: boolean;
	onEdit: (editing: boolean) => void;
	/** Starts a new deployment from a stage of this one. */
	onRetry: (from: Stage) => void;
	retrying: boolean;
}

/** How the project is built and run, why, what else is possible, and the files that came out of it. */
export function PlanPanel({ state, editing, onEdit, onRetry, retrying }: PlanPanelProps) {
	const { plan, alternatives, project } = state;
	const ended = isTerminal(state.status);
	const approval = pendingApproval(state);
	const from: Stage = retryChoices(state).includes("plan") ? "plan" : "clone";
	const choose = useMutation({
		mutationFn: ({ provider }: PlanChoice) =>
			changeSettings(project.slug, (settings) => ({ ...settings, plan: { ...settings.plan, provider } })),
		onSuccess: () => onRetry(from),
	});
	return (
		<div className="grid grid-cols-1 gap-4 lg:grid-cols-2 lg:items-start">
			<div className="grid min-w-0 grid-cols-1 gap-4">
				<Panel
					title="Plan"
					action={
						<Button variant="outline" size="sm" aria-expanded={editing} onClick={() => onEdit(!editing)}>
							<Pencil aria-hidden="true" /> {editing ? "Close the form" : "Edit the plan"}
						</Button>
					}
				>
					<div className="grid grid-cols-1 gap-4">
						{editing && (
							<div className="rounded-md border border-input p-4">
								{approval?.kind === "plan" ? (
									<ApprovePlanForm state={state} approval={approval} />
								) : (
									<PlanEditor
										slug={project.slug}
										plan={plan}
										alternatives={alternatives}
										onDeploy={ended ? () => onRetry(from) : null}
										deployLabel={from === "plan" ? `Save and retry from ${stageWords.plan.name}` : "Save and deploy again"}
										deploying={retrying}
									/>
								)}
							</div>
						)}
						{plan ? (
							<>
								<PlanFacts plan={plan} />
								<MissingVariables plan={plan} slug={project.slug} />
							</>
						) : (
							<p className="text-muted-foreground text-sm">
								{ended ? "No plan was made." : "There is no plan yet. The Architect makes one once the source has been read."}
							</p>
						)}
						<CallFailure error={choose.error} />
						<PlanAlternatives
							alternatives={alternatives}
							project={project.name}
							ended={ended}
							busy={choose.isPending || retrying}
							onChoose={(choice) => choose.mutate(choice)}
						/>
					</div>
				</Panel>
				{state.fixes.length > 0 && <FixesPanel fixes={state.fixes} />}
				{state.tasks.length > 0 && <Tasks tasks={state.tasks} />}
			</div>
			<ArtifactPanel state={state} />
		</div>
	);
}

function Tasks({ tasks }: Pick<DeploymentState, "tasks">) {
	return (
		<Panel title="Tasks">
			<ul className="grid gap-1.5 text-sm">
				{tasks.map((task) => (
					<li key={task.id} className="flex justify-between gap-3">
						<span className="min-w-0 break-words">{task.name}</span>
						<span className="shrink-0 text-muted-foreground">
							{task.status === "done"
								? `done${task.durationMs === null ? "" : `, ${formatDuration(task.durationMs)}`}`
								: task.status === "running"
									? "running"
									: "to come"}
						</span>
					</li>
				))}
			</ul>
		</Panel>
	);
}
