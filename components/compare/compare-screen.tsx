import Link from "next/link";
import type { ReactNode } from "react";
import { formatBytes, formatDuration, groupThousands, shortCommit } from "#lib/format.ts";
import type { ComparedDeployment, ComparedStage, ComparisonView, DeploymentStatus } from "#lib/protocol/index.ts";
import { DeploymentBadge } from "../deployments/status.tsx";
import { deploymentLooks, stageLooks, stageWords } from "../deployments/words.ts";
import { Breadcrumb } from "../shell/breadcrumb.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { NativeSelect } from "../ui/input.tsx";
import { Panel } from "../ui/panel.tsx";

interface CompareScreenProps {
	comparison: ComparisonView;
	/** Deployments of the project that can be chosen instead. */
	others: { id: string; number: number; status: DeploymentStatus }[];
}

/** Two deployments beside each other: what each took, what each was made with, and what is different. Needs no script. */
export function CompareScreen({ comparison: { one, other, stages, plan, env, artifacts }, others }: CompareScreenProps) {
	const heads: [string, string] = [nameOf(one, other), nameOf(other, one)];
	return (
		<div className="grid grid-cols-1 gap-5">
			<header className="grid grid-cols-1 gap-3">
				<Trail project={one.project} id={one.id} number={one.number} />
				<h1 className="font-semibold text-2xl tracking-tight">
					{one.project.name} {heads[0]} beside {heads[1]}
				</h1>
				{others.length > 0 && (
					<form method="get" action={`/deployments/${one.id}/compare`} className="flex flex-wrap items-center gap-2">
						<label htmlFor="with" className="text-sm">
							Compare with
						</label>
						<NativeSelect key={other.id} id="with" name="with" defaultValue={other.id} className="h-9 w-auto">
							{!others.some(({ id }) => id === other.id) && <option value={other.id}>{heads[1]}</option>}
							{others.map(({ id, number, status }) => (
								<option key={id} value={id}>
									#{number} ({deploymentLooks[status].label.toLowerCase()})
								</option>
							))}
						</NativeSelect>
						<Button type="submit" variant="outline" size="sm">
							Show
						</Button>
					</form>
				)}
			</header>
			<div className="grid gap-4 sm:grid-cols-2">
				<Head deployment={one} name={heads[0]} />
				<Head deployment={other} name={heads[1]} />
			</div>
			<Panel title="Times" about="From what was recorded. A stage that took over an earlier result measured nothing.">
				<Table label="Times" heads={["Stage", ...heads, "Difference"]}>
					<TimeRow
						name="Queue"
						one={timeOf(one.queuedMs)}
						other={timeOf(other.queuedMs)}
						difference={differenceOf(one.queuedMs, other.queuedMs)}
					/>
					{stages.map(({ stage, one: left, other: right }) => (
						<TimeRow
							key={stage}
							name={stageWords[stage].name}
							one={stageTime(left)}
							other={stageTime(right)}
							difference={left.reused || right.reused ? null : differenceOf(left.ms, right.ms)}
						/>
					))}
					<TimeRow
						name="All work"
						strong
						one={timeOf(one.workMs)}
						other={timeOf(other.workMs)}
						difference={differenceOf(one.workMs, other.workMs)}
					/>
				</Table>
			</Panel>
			<Differences
				title="Plan"
				heads={heads}
				same="The plans are the same."
				rows={plan.map((row) => ({ ...row, differs: row.one !== row.other }))}
			/>
			{env === null ? (
				<Panel title="Variables">
					<p className="text-muted-foreground text-sm">One of the two has no release, so what it was made with was not recorded.</p>
				</Panel>
			) : (
				<Differences
					title="Variables"
					about="Names only. Values are compared and never shown."
					heads={heads}
					same={env.length === 0 ? "Neither was made with variables." : "Both were made with the same variables and values."}
					rows={env.map(({ name, one: left, other: right, sameValue }) => ({
						name,
						one: left ? (right && !sameValue ? "another value" : "set") : null,
						other: right ? "set" : null,
						differs: !sameValue || left !== right,
					}))}
				/>
			)}
			<Differences
				title="Artifacts"
				heads={heads}
				same={artifacts.length === 0 ? "Neither made any." : "They are the same, byte for byte."}
				rows={artifacts.map(({ name, one: left, other: right }) => ({
					name,
					one: left && formatBytes(left.size),
					other: right && formatBytes(right.size),
					differs: left?.sha256 !== right?.sha256,
				}))}
			/>
			<Panel title="Log">
				<Table label="Log" heads={["", ...heads]}>
					<tr>
						<Name>Lines</Name>
						<Cell>{groupThousands(one.log.lines)}</Cell>
						<Cell>{groupThousands(other.log.lines)}</Cell>
					</tr>
					<tr>
						<Name>Stored size</Name>
						<Cell>{formatBytes(one.log.bytes)}</Cell>
						<Cell>{formatBytes(other.log.bytes)}</Cell>
					</tr>
				</Table>
			</Panel>
		</div>
	);
}

/** The page before there is a second deployment. */
export function NothingToCompare({ id, project, number }: { id: string; project: { slug: string; name: string }; number: number }) {
	return (
		<div className="grid grid-cols-1 gap-3">
			<Trail project={project} id={id} number={number} />
			<h1 className="font-semibold text-2xl tracking-tight">Nothing to compare with yet</h1>
			<p className="max-w-prose text-muted-foreground">
				This is the only deployment of {project.name}. Deploy it again, and what took longer, and what has changed, stands here.
			</p>
		</div>
	);
}

function Trail({ project, id, number }: { project: { slug: string; name: string }; id: string; number: number }) {
	return (
		<Breadcrumb
			trail={[
				{ name: "Projects", href: "/projects" },
				{ name: project.name, href: `/projects/${project.slug}` },
				{ name: `#${number}`, href: `/deployments/${id}` },
			]}
			here="Compare"
		/>
	);
}

/** With the project's name where it is another one. */
const nameOf = (deployment: ComparedDeployment, beside: ComparedDeployment): string =>
	deployment.project.slug === beside.project.slug ? `#${deployment.number}` : `${deployment.project.name} #${deployment.number}`;

function Head({ deployment, name }: { deployment: ComparedDeployment; name: string }) {
	const { id, status, commit, commitSubject, ref } = deployment;
	return (
		<div className="min-w-0 rounded-lg border border-border bg-surface p-4 text-sm">
			<div className="flex flex-wrap items-center justify-between gap-2">
				<Link href={`/deployments/${id}`} className="font-semibold text-base underline-offset-4 hover:underline">
					{name}
				</Link>
				<DeploymentBadge status={status} />
			</div>
			<p className="mt-2 min-w-0 break-words">
				{commit ? <code className="font-mono text-[0.8125rem]">{shortCommit(commit)}</code> : "No commit was recorded."}
				{commitSubject && ` ${commitSubject}`}
			</p>
			<p className="mt-1 text-muted-foreground">
				{ref ? `${ref}, ` : ""}
				{deployment.queuedAt.slice(0, 16).replace("T", " ")} UTC
			</p>
		</div>
	);
}

interface DifferenceRow {
	name: string;
	one: string | null;
	other: string | null;
	differs: boolean;
}

interface DifferencesProps {
	title: string;
	about?: string;
	heads: [string, string];
	/** Said where nothing differs. */
	same: string;
	rows: DifferenceRow[];
}

/** What differs, and on demand what does not. */
function Differences({ title, about, heads, same, rows }: DifferencesProps) {
	const different = rows.filter(({ differs }) => differs);
	const equal = rows.filter(({ differs, one, other }) => !differs && (one !== null || other !== null));
	return (
		<Panel title={title} about={about}>
			{different.length === 0 ? <p className="text-sm">{same}</p> : <DifferenceTable label={title} heads={heads} rows={different} />}
			{equal.length > 0 && (
				<details className="mt-3 text-sm">
					<summary className="w-fit py-1 text-muted-foreground underline-offset-4 hover:underline">
						What is the same ({equal.length})
					</summary>
					<DifferenceTable label={`${title}, the same`} heads={heads} rows={equal} />
				</details>
			)}
		</Panel>
	);
}

function DifferenceTable({ label, heads, rows }: { label: string; heads: [string, string]; rows: DifferenceRow[] }) {
	return (
		<Table label={label} heads={["Name", ...heads]}>
			{rows.map(({ name, one, other, differs }) => (
				<tr key={name} data-differs={differs || undefined}>
					<Name>{name}</Name>
					<Cell mono>{one ?? <Nothing />}</Cell>
					<Cell mono>{other ?? <Nothing />}</Cell>
				</tr>
			))}
		</Table>
	);
}

const Nothing = () => <span className="font-sans text-muted-foreground">none</span>;

function Table({ label, heads, children }: { label: string; heads: string[]; children: ReactNode }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
		<section className="overflow-x-auto" tabIndex={0} aria-label={`Table: ${label}`}>
			<table className="w-full table-fixed text-sm">
				<thead>
					<tr className="border-border border-b text-left text-muted-foreground text-xs">
						{heads.map((head, index) => (
							<th key={head} scope="col" className={cn("px-2 py-1.5 font-medium first:pl-0", index === 0 && "w-20 sm:w-28")}>
								{head || <span className="sr-only">Figure</span>}
							</th>
						))}
					</tr>
				</thead>
				<tbody className="divide-y divide-border">{children}</tbody>
			</table>
		</section>
	);
}

const Name = ({ children, strong = false }: { children: ReactNode; strong?: boolean }) => (
	<th
		scope="row"
		className={cn("break-words py-1.5 pr-2 text-left align-top", strong ? "font-semibold" : "font-normal text-muted-foreground")}
	>
		{children}
	</th>
);

const Cell = ({ children, mono = false }: { children: ReactNode; mono?: boolean }) => (
	<td className={cn("break-words px-2 py-1.5 align-top [overflow-wrap:anywhere]", mono && "font-mono text-[0.8125rem]")}>{children}</td>
);

function TimeRow({
	name,
	one,
	other,
	difference,
	strong,
}: {
	name: string;
	one: string;
	other: string;
	difference: number | null;
	strong?: boolean;
}) {
	return (
		<tr>
			<Name strong={strong}>{name}</Name>
			<Cell>{one}</Cell>
			<Cell>{other}</Cell>
			<Cell>{difference === null ? <Nothing /> : differenceText(difference)}</Cell>
		</tr>
	);
}

const timeOf = (ms: number | null): string => (ms === null ? "not measured" : formatDuration(ms));

function stageTime({ status, ms, reused }: ComparedStage): string {
	if (reused) return "reused";
	if (ms === null) return stageLooks[status].label.toLowerCase();
	return status === "succeeded" ? formatDuration(ms) : `${formatDuration(ms)}, ${stageLooks[status].label.toLowerCase()}`;
}

const differenceOf = (one: number | null, other: number | null): number | null => (one === null || other === null ? null : one - other);

function differenceText(ms: number): string {
	if (Math.abs(ms) < 50) return "the same";
	return `${formatDuration(Math.abs(ms))} ${ms > 0 ? "longer" : "shorter"}`;
}
