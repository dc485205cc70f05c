"use client";
import { ChevronDown, ExternalLink, RotateCcw, X } from "lucide-react";
import { canCancel, retryChoices, retryStage } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { isTerminal, type Stage } from "#lib/protocol/index.ts";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Button, buttonVariants } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Popover } from "../ui/popover.tsx";
import { CopyButton } from "./copy-button.tsx";
import { stageWords } from "./words.ts";

interface DeploymentActionsProps {
	state: DeploymentState;
	/** A request that was sent and not answered yet. */
	pending: "cancel" | "retry" | null;
	onCancel: () => void;
	onRetry: (from: Stage) => void;
}

export function DeploymentActions({ state, pending, onCancel, onRetry }: DeploymentActionsProps) {
	return (
		<>
			{state.previewUrl && <OpenPreview url={state.previewUrl} />}
			{isTerminal(state.status) ? (
				<RetryMenu state={state} busy={pending === "retry"} onRetry={onRetry} />
			) : (
				<CancelDialog busy={pending === "cancel" || !canCancel(state)} onCancel={onCancel} />
			)}
		</>
	);
}

function OpenPreview({ url }: { url: string }) {
	return (
		<>
			<Button asChild size="sm">
				<a href={url} target="_blank" rel="noopener">
					<ExternalLink aria-hidden="true" />
					Open
				</a>
			</Button>
			<CopyButton text={url} shrinks>
				Copy URL
			</CopyButton>
		</>
	);
}

function CancelDialog({ busy, onCancel }: { busy: boolean; onCancel: () => void }) {
	return (
		<AlertDialog
			title="Cancel this deployment?"
			description="Everything it runs is stopped. What is live now stays live, and you can retry from any stage that is done."
			cancel="Keep going"
			action="Cancel deployment"
			destructive
			onAction={onCancel}
		>
			{(open) => (
				<Button variant="outline" size="sm" disabled={busy} onClick={open}>
					<X aria-hidden="true" />
					{busy ? "Cancelling…" : "Cancel"}
				</Button>
			)}
		</AlertDialog>
	);
}

const menuItem = "flex min-h-9 w-full items-center gap-2 rounded-sm px-2 text-left hover:bg-sunken pointer-coarse:min-h-11";

function RetryMenu({ state, busy, onRetry }: { state: DeploymentState; busy: boolean; onRetry: (from: Stage) => void }) {
	const choices = retryChoices(state);
	const usual = retryStage(state);
	const first = choices.includes(usual) ? usual : "clone";
	return (
		<div className="inline-flex">
			<Button variant="outline" size="sm" className="rounded-r-none" disabled={busy} onClick={() => onRetry(first)}>
				<RotateCcw aria-hidden="true" />
				{busy ? "Starting…" : first === "clone" ? "Deploy again" : `Retry from ${stageWords[first].name}`}
			</Button>
			<Popover
				label={<ChevronDown aria-hidden="true" />}
				title="Start again from another stage"
				disabled={busy}
				buttonClassName={cn(buttonVariants({ variant: "outline", size: "sm" }), "-ml-px rounded-l-none px-2")}
			>
				{(close) => (
					<>
						<p className="px-2 py-1.5 text-muted-foreground text-xs">Start again from</p>
						<ul>
							{choices.map((stage) => (
								<li key={stage}>
									<button
										type="button"
										className={menuItem}
										onClick={() => {
											close();
											onRetry(stage);
										}}
									>
										{stageWords[stage].name}
										{stage === "clone" && <span className="text-muted-foreground">(everything anew)</span>}
									</button>
								</li>
							))}
						</ul>
					</>
				)}
			</Popover>
		</div>
	);
}
