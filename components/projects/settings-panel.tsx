"use client";
import type { ProjectView } from "#lib/protocol/index.ts";
import { PlanEditor } from "../plan/plan-editor.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { Panel } from "../ui/panel.tsx";
import { DeleteProject } from "./delete-project.tsx";
import { LimitsForm } from "./limits-form.tsx";
import { PolicyForm } from "./policy-form.tsx";
import { approvalPolicy, fixPolicy } from "./policy-words.ts";
import type { DeployProject } from "./use-deploy-project.ts";
import { useLastPlan } from "./use-last-plan.ts";
import { useSettings } from "./use-settings.ts";

interface SettingsPanelProps {
	project: ProjectView;
	/** Newest first. */
	deployments: readonly { id: string }[];
	deploy: DeployProject;
}

/** How a project is built and run, within which limits, and its end. */
export function SettingsPanel({ project, deployments, deploy }: SettingsPanelProps) {
	const settings = useSettings(project.slug);
	const lastPlan = useLastPlan(project.slug, deployments);
	return (
		<div className="grid grid-cols-1 gap-4">
			<Panel title="Plan">
				<QueryState what="plan" query={lastPlan}>
					{({ plan, alternatives }) => (
						<PlanEditor
							slug={project.slug}
							plan={plan}
							alternatives={alternatives}
							onDeploy={deploy.start}
							deployLabel="Save and deploy"
							deploying={deploy.busy}
						/>
					)}
				</QueryState>
			</Panel>
			<Panel title="Approvals">
				<QueryState what="settings" query={settings}>
					{(current) => <PolicyForm slug={project.slug} settings={current} name="approvals" words={approvalPolicy} />}
				</QueryState>
			</Panel>
			<Panel title="Repairs">
				<QueryState what="settings" query={settings}>
					{(current) => <PolicyForm slug={project.slug} settings={current} name="fixes" words={fixPolicy} />}
				</QueryState>
			</Panel>
			<Panel title="Limits" about="An empty field is the default.">
				<QueryState what="settings" query={settings}>
					{(current) => <LimitsForm slug={project.slug} settings={current} />}
				</QueryState>
			</Panel>
			<DeleteProject project={project} />
		</div>
	);
}
