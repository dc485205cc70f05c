import { TriangleAlert } from "lucide-react";
import { commandText, type Plan, type Tool } from "#lib/protocol/index.ts";
import { Alert } from "../ui/alert.tsx";
import { Badge } from "../ui/badge.tsx";

const kinds: Readonly<Record<Plan["kind"], string>> = {
	static: "files, served by Quayside",
	process: "an app that runs",
	image: "a container image",
};

/** How the project is built and run, and where in the repository that was seen. */
export function PlanFacts({ plan }: { plan: Plan }) {
	const rows = rowsOf(plan).filter((row): row is [string, string] => row[1] !== null);
	return (
		<div className="grid grid-cols-1 gap-4">
			<p className="flex flex-wrap items-center gap-2">
				<span className="min-w-0 break-words font-medium">{plan.summary}</span>
				<Badge>{Math.round(plan.confidence * 100)} % sure</Badge>
			</p>
			{plan.warnings.map((warning) => (
				<Alert key={warning} tone="warning">
					<TriangleAlert aria-hidden="true" />
					<p className="min-w-0 break-words">{warning}</p>
				</Alert>
			))}
			<dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
				{rows.map(([name, value]) => (
					<div key={name} className="contents">
						<dt className="text-muted-foreground">{name}</dt>
						<dd className="break-words font-mono text-[0.8125rem] leading-5">{value}</dd>
					</div>
				))}
			</dl>
			{plan.evidence.length > 0 && (
				<div>
					<h3 className="chart-label">Seen in the repository</h3>
					<ul className="mt-1.5 grid gap-1 text-sm">
						{plan.evidence.map(({ file, line, means }) => (
							<li key={`${file}:${line}:${means}`} className="min-w-0 break-words">
								<code className="break-all font-mono text-[0.8125rem]">
									{file}
									{line !== null && `:${line}`}
								</code>{" "}
								<span className="text-muted-foreground">{means}</span>
							</li>
						))}
					</ul>
				</div>
			)}
		</div>
	);
}

function rowsOf(plan: Plan): [string, string | null][] {
	return [
		["Framework", plan.framework],
		["Language", plan.language || null],
		["Runs as", kinds[plan.kind]],
		["Folder", plan.directory || "the repository's root"],
		["Installs in", plan.installDirectory === null ? null : plan.installDirectory || "the repository's root"],
		["Tools", toolsOf(plan)],
		["Install", shown(plan.install)],
		["Build", shown(plan.build)],
		["Test", shown(plan.test)],
		["Start", shown(plan.start)],
		["Output", plan.output === "." ? "the folder itself" : plan.output],
		["Port", plan.kind === "process" ? (plan.port === null ? "follows PORT" : String(plan.port)) : null],
		["Health check", plan.healthPath],
		["Sets", Object.keys(plan.env).join(", ") || null],
		["Decided by", plan.provider],
	];
}

const shown = (command: readonly string[] | null): string | null => command && commandText(command);

function toolsOf({ tools, nodeVersion, packageManager }: Plan): string | null {
	const named: readonly Pick<Tool, "name" | "version">[] =
		tools.length > 0
			? tools
			: [
					...(nodeVersion === null ? [] : [{ name: "node" as const, version: nodeVersion }]),
					...(packageManager === null ? [] : [{ name: packageManager, version: null }]),
				];
	return named.map(({ name, version }) => (version === null ? name : `${name} ${version}`)).join(", ") || null;
}
