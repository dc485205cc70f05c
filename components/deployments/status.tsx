import { Ban, Check, CircleDot, Clock, Hand, LoaderCircle, Moon, Pause, SkipForward, X } from "lucide-react";
import type { AgentStatus, DeploymentStatus, ReleaseStatus } from "#lib/protocol/index.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { cn } from "../ui/cn.ts";
import { agentLooks, asleepLook, deploymentLooks, releaseLooks, type StatusLook, type StatusShape } from "./words.ts";

const icons = {
	clock: Clock,
	spinner: LoaderCircle,
	hand: Hand,
	pause: Pause,
	check: Check,
	cross: X,
	ban: Ban,
	skip: SkipForward,
	dot: CircleDot,
	moon: Moon,
};

const inks: Readonly<Record<Tone, string>> = {
	neutral: "text-muted-foreground",
	info: "text-info",
	success: "text-success",
	danger: "text-danger",
	warning: "text-warning",
};

/** Three dots that take turns: somebody is at it. */
function TypingDots({ className }: { className?: string }) {
	return (
		<span aria-hidden="true" className={cn("inline-flex w-3.5 items-center justify-center gap-0.5", className)}>
			{[0, 150, 300].map((delayMs) => (
				<span
					key={delayMs}
					className="size-[3px] rounded-full bg-current motion-safe:animate-typing"
					style={{ animationDelay: `${delayMs}ms` }}
				/>
			))}
		</span>
	);
}

export function StatusIcon({ shape, className }: { shape: StatusShape; className?: string }) {
	if (shape === "typing") return <TypingDots className={className} />;
	const Icon = icons[shape];
	return <Icon aria-hidden="true" className={cn(shape === "spinner" && "motion-safe:animate-spin", className)} />;
}

function StatusBadge({ look }: { look: StatusLook }) {
	return (
		<Badge tone={look.tone}>
			<StatusIcon shape={look.shape} />
			{look.label}
		</Badge>
	);
}

export const DeploymentBadge = ({ status }: { status: DeploymentStatus }) => <StatusBadge look={deploymentLooks[status]} />;
export const ReleaseBadge = ({ status, asleep = false }: { status: ReleaseStatus; asleep?: boolean }) => (
	<StatusBadge look={asleep ? asleepLook : releaseLooks[status]} />
);

export function AgentBadge({ status }: { status: AgentStatus }) {
	const look = agentLooks[status];
	return (
		<span className={cn("inline-flex items-center gap-1 whitespace-nowrap font-medium text-xs [&_svg]:size-3.5", inks[look.tone])}>
			<StatusIcon shape={look.shape} />
			{look.label}
		</span>
	);
}
