"use client";
import { ChevronDown, ExternalLink, Pause, Play, RotateCcw, X } from "lucide-react";
import { canCancel, pauseChoice, retryChoices, retryStage } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { isTerminal, type Stage } from "#lib/protocol/index.ts";
import { OfferCommands, useCommands } from "../commands/use-commands.ts";
import { ServerButton } from "../live/server-button.tsx";
import { ShareButton } from "../share/share-button.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { buttonVariants } from "../ui/button-variants.ts";
import { cn } from "../ui/cn.ts";
import { Popover } from "../ui/popover.tsx";
import { CopyButton } from "./copy-button.tsx";
import { stageWords } from "./words.ts";

const group = "This deployment";

interface DeploymentActionsProps {
	state: DeploymentState;
	/** A request that was sent and not answered yet. */
	pending: "cancel" | "pause" | "retry" | null;
	onCancel: () => void;
	/** After the stage that runs; `resume` also takes back a pause that has not begun. */
	onPause: () => void;
	onResume: () => void;
	onRetry: (from: Stage) => void;
}

export function DeploymentActions({ state, pending, onCancel, onPause, onResume, onRetry }: DeploymentActionsProps) {
	return (
		<>
			{state.previewUrl && <OpenPreview url={state.previewUrl} />}
			{isTerminal(state.status) ? (
				<>
					<RetryMenu state={state} busy={pending === "retry"} onRetry={onRetry} />
					<ShareButton deploymentId={state.id} />
				</>
			) : (
				<>
					<PauseButton choice={pauseChoice(state)} busy={pending !== null} onPause={onPause} onResume={onResume} />
					<CancelDialog busy={pending === "cancel" || !canCancel(state)} onCancel={onCancel} />
				</>
			)}
		</>
	);
}

function OpenPreview({ url }: { url: string }) {
	useCommands([{ id: "open", title: "Open the preview", group, keys: "o", run: () => window.open(url, "_blank", "noopener") }]);
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

const pauseWords = {
	pause: { title: "Pause", about: "Nothing new begins after the stage that runs now" },
	pausing: { title: "Do not pause", about: "It would pause after the stage that runs now" },
	resume: { title: "Resume", about: "Go on with the next stage" },
} as const;

interface PauseButtonProps extends Pick<DeploymentActionsProps, "onPause" | "onResume"> {
	choice: ReturnType<typeof pauseChoice>;
	busy: boolean;
}

function PauseButton({ choice, busy, onPause, onResume }: PauseButtonProps) {
	const { title, about } = pauseWords[choice ?? "pause"];
	const act = choice === "pause" ? onPause : onResume;
	useCommands(
		choice === null || busy
			? []
			: [{ id: "pause", title: `${title} this deployment`, group, keys: ".", also: "hold continue stop", run: act }],
	);
	if (choice === null) return null;
	return (
		<Button variant={choice === "resume" ? "default" : "outline"} size="sm" title={about} disabled={busy} onClick={act}>
			{choice === "pause" ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
			{title}
		</Button>
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
				<>
					<ServerButton variant="outline" size="sm" disabled={busy} onClick={open}>
						<X aria-hidden="true" />
						{busy ? "Cancelling…" : "Cancel"}
					</ServerButton>
					{!busy && <OfferCommands commands={[{ id: "cancel", title: "Cancel this deployment…", group, keys: "x", run: open }]} />}
				</>
			)}
		</AlertDialog>
	);
}

const menuItem = "flex min-h-9 w-full items-center gap-2 rounded-sm px-2 text-left hover:bg-sunken pointer-coarse:min-h-11";

function RetryMenu({ state, busy, onRetry }: { state: DeploymentState; busy: boolean; onRetry: (from: Stage) => void }) {
	const choices = retryChoices(state);
	const usual = retryStage(state);
	const first = choices.includes(usual) ? usual : "clone";
	const title = first === "clone" ? "Deploy again" : `Retry from ${stageWords[first].name}`;
	useCommands(busy ? [] : [{ id: "retry", title, group, keys: "r", also: "rerun redeploy", run: () => onRetry(first) }]);
	return (
		<div className="inline-flex">
			<ServerButton variant="outline" size="sm" className="rounded-r-none" disabled={busy} onClick={() => onRetry(first)}>
				<RotateCcw aria-hidden="true" />
				{busy ? "Starting…" : title}
			</ServerButton>
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
