import { fixArtifact } from "#lib/deployment/fixes.ts";
import type { FixState } from "#lib/deployment/state.ts";
import { causeTitle } from "../deployments/way-out.ts";
import { stageWords } from "../deployments/words.ts";
import { Panel } from "../ui/panel.tsx";
import { CodeView } from "./code-view.tsx";

/** What the Developer repaired, why, and how. */
export function FixesPanel({ fixes }: { fixes: readonly FixState[] }) {
	return (
		<Panel
			title="Repairs"
			about="Made in a copy of the source: the repository is as it was. To keep one, apply its diff there with git apply and commit it."
		>
			<ol className="grid gap-4">
				{fixes.map((fix) => (
					<li key={fix.id} data-fix={fix.cause} data-fix-status={fix.status} className="grid min-w-0 gap-1.5">
						<h3 className="break-words font-medium text-sm">{fix.title}</h3>
						<p className="break-words text-muted-foreground text-sm">
							{stageWords[fix.stage].name} failed: {causeTitle(fix.cause)}. {fix.reason}
							{fix.kept_from !== null && ` First repaired in deployment ${fix.kept_from}.`}
						</p>
						<CodeView text={fix.diff} language="diff" label={fixArtifact(fix.number)} className="max-h-80" />
					</li>
				))}
			</ol>
		</Panel>
	);
}
