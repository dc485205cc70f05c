import { Ban, Check, ChevronRight, CircleAlert, RotateCcw, TriangleAlert, Wrench } from "lucide-react";
import Link from "next/link";
import type { Item, Tone } from "#lib/deployment/conversation.ts";
import type { ErrorCode } from "#lib/errors.ts";
import type { Stage } from "#lib/protocol/index.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { cn } from "../../ui/cn.ts";
import { stageWords } from "../words.ts";
import { DiffView } from "./diff-view.tsx";
import { Files } from "./files-view.tsx";
import { Prose } from "./prose-view.tsx";

interface ItemProps {
	item: Item;
	deploymentId: string;
	/** How the agent's part can be tried again; null while it cannot. */
	retry: { from: Stage; onRetry: () => void; retrying: boolean } | null;
}

/** One thing that was said or done. */
export function ItemView({ item, deploymentId, retry }: ItemProps) {
	switch (item.kind) {
		case "note":
			return <Note {...item} />;
		case "message":
			return <Message {...item} retry={retry} />;
		case "tool":
			return <ToolCall {...item} />;
		case "tasks":
			return <Tasks {...item} />;
		case "files":
			return <Files files={item.files} deploymentId={deploymentId} />;
	}
}

type Of<Kind extends Item["kind"]> = Extract<Item, { kind: Kind }>;

const toneIcons = { plain: null, good: Check, bad: CircleAlert, warning: TriangleAlert } as const;
const toneInks: Readonly<Record<Tone, string>> = {
	plain: "text-muted-foreground",
	good: "text-success",
	bad: "text-danger",
	warning: "text-warning",
};

function Note({ text, tone }: Of<"note">) {
	const Icon = toneIcons[tone];
	return (
		<p className={cn("flex min-w-0 items-start gap-1.5 text-sm", toneInks[tone])}>
			{Icon && <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />}
			<span className="min-w-0 break-words">{text}</span>
		</p>
	);
}

/** What an administrator repairs there. */
const settingsCodes: ReadonlySet<ErrorCode> = new Set(["model_not_configured", "model_auth", "model_unknown", "model_budget"]);

function Message({ text, model, cached, degraded, retry }: Of<"message"> & Pick<ItemProps, "retry">) {
	return (
		<div data-message className="grid min-w-0 grid-cols-1 gap-2 rounded-lg border border-border bg-background px-3 py-2.5">
			{degraded && (
				<div className="grid grid-cols-1 gap-2 border-border border-b pb-2 text-sm">
					<div className="flex flex-wrap items-center gap-2">
						<Badge tone="warning">
							<TriangleAlert aria-hidden="true" /> Degraded
						</Badge>
						{retry && (
							<Button variant="outline" size="sm" disabled={retry.retrying} onClick={retry.onRetry}>
								<RotateCcw aria-hidden="true" /> Try again from {stageWords[retry.from].name}
							</Button>
						)}
						{retry && settingsCodes.has(degraded.code) && (
							<Link href="/settings/models" className="underline">
								Settings of models
							</Link>
						)}
					</div>
					<p>{degraded.sentence}</p>
					<p className="text-muted-foreground">
						{degraded.message}{" "}
						{model === null ? "What follows was made by rules, without a model." : "The work was done by rules; a model found the words."}
					</p>
				</div>
			)}
			<Prose text={text} />
			{model !== null && (
				<p className="text-muted-foreground text-xs">
					{model}
					{cached && ", the kept answer to the same question"}
				</p>
			)}
		</div>
	);
}

function ToolCall({ tool, input, ok, result, file, diff }: Of<"tool">) {
	return (
		<details data-tool={tool} data-ok={ok} className="group min-w-0 rounded-md border border-border text-sm">
			<summary className="flex min-h-9 cursor-pointer list-none items-center gap-2 px-2.5 py-1.5">
				<ChevronRight aria-hidden="true" className="size-4 shrink-0 group-open:rotate-90" />
				{ok ? (
					<Wrench aria-hidden="true" className="size-4 shrink-0 text-muted-foreground" />
				) : (
					<Ban aria-hidden="true" className="size-4 shrink-0 text-danger" />
				)}
				<span className="min-w-0 truncate">
					<span className="font-mono text-xs">{tool}</span> <span className="text-muted-foreground">{file ?? input}</span>
				</span>
				{!ok && (
					<Badge tone="danger" className="ml-auto">
						Refused
					</Badge>
				)}
			</summary>
			<div className="grid grid-cols-1 gap-2 border-border border-t p-2.5">
				{input !== "" && <p className="break-words font-mono text-muted-foreground text-xs">{input}</p>}
				<p className="break-words">{result}</p>
				{diff !== null && <DiffView diff={diff} label={`Changes in ${file ?? "the file"}`} />}
			</div>
		</details>
	);
}

function Tasks({ summary, names }: Of<"tasks">) {
	return (
		<div className="grid grid-cols-1 gap-1.5 text-sm">
			<p className="break-words">{summary}</p>
			<ol aria-label="Tasks" className="list-decimal pl-6 text-muted-foreground">
				{names.map((name) => (
					<li key={name} className="break-words">
						{name}
					</li>
				))}
			</ol>
		</div>
	);
}
