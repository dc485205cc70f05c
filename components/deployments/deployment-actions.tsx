"use client";
import { ChevronDown, ExternalLink, RotateCcw, X } from "lucide-react";
import { canCancel, retryChoices, retryStage } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { isTerminal, type Stage } from "#lib/protocol/index.ts";
import {
	AlertDialog,
	AlertDialogAction,
	AlertDialogCancel,
	AlertDialogContent,
	AlertDialogDescription,
	AlertDialogFooter,
	AlertDialogTitle,
	AlertDialogTrigger,
} from "../ui/alert-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuLabel, DropdownMenuTrigger } from "../ui/dropdown-menu.tsx";
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
			<CopyButton text={url}>Copy URL</CopyButton>
		</>
	);
}

function CancelDialog({ busy, onCancel }: { busy: boolean; onCancel: () => void }) {
	return (
		<AlertDialog>
			<AlertDialogTrigger asChild>
				<Button variant="outline" size="sm" disabled={busy}>
					<X aria-hidden="true" />
					{busy ? "Cancelling…" : "Cancel"}
				</Button>
			</AlertDialogTrigger>
			<AlertDialogContent>
				<div className="grid gap-2">
					<AlertDialogTitle>Cancel this deployment?</AlertDialogTitle>
					<AlertDialogDescription>
						Everything it runs is stopped. What is live now stays live, and you can retry from any stage that is done.
					</AlertDialogDescription>
				</div>
				<AlertDialogFooter>
					<AlertDialogCancel asChild>
						<Button variant="outline">Keep going</Button>
					</AlertDialogCancel>
					<AlertDialogAction asChild>
						<Button variant="destructive" onClick={onCancel}>
							Cancel deployment
						</Button>
					</AlertDialogAction>
				</AlertDialogFooter>
			</AlertDialogContent>
		</AlertDialog>
	);
}

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
			<DropdownMenu>
				<DropdownMenuTrigger asChild>
					<Button variant="outline" size="sm" className="-ml-px rounded-l-none px-2" disabled={busy} aria-label="Retry from another stage">
						<ChevronDown aria-hidden="true" />
					</Button>
				</DropdownMenuTrigger>
				<DropdownMenuContent>
					<DropdownMenuLabel>Start again from</DropdownMenuLabel>
					{choices.map((stage) => (
						<DropdownMenuItem key={stage} onSelect={() => onRetry(stage)}>
							{stageWords[stage].name}
							{stage === "clone" && <span className="text-muted-foreground">(everything anew)</span>}
						</DropdownMenuItem>
					))}
				</DropdownMenuContent>
			</DropdownMenu>
		</div>
	);
}
