import { cn } from "./cn.ts";

interface ProgressProps {
	/** 0 to 100; null while no true figure is known. */
	value: number | null;
	label: string;
	className?: string;
	tone?: "info" | "success" | "danger" | "neutral";
	/** Moves while `value` is null. */
	active?: boolean;
}

const tones = { info: "bg-info", success: "bg-success", danger: "bg-danger", neutral: "bg-muted-foreground" };

/** A bar that only compositor work moves. Without a figure it shows that something is going on, and claims no share. */
export function Progress({ value, label, className, tone = "info", active = true }: ProgressProps) {
	const shown = value === null ? null : Math.min(100, Math.max(0, Math.round(value)));
	return (
		<div
			role="progressbar"
			aria-label={label}
			aria-valuemin={0}
			aria-valuemax={100}
			aria-valuenow={shown ?? undefined}
			className={cn("h-1.5 w-full overflow-hidden rounded-full bg-sunken", className)}
		>
			{shown === null ? (
				active && (
					<div
						className={cn(
							"h-full w-1/3 rounded-full motion-safe:animate-under-way motion-reduce:w-full motion-reduce:opacity-40",
							tones[tone],
						)}
					/>
				)
			) : (
				<div
					className={cn("h-full w-full origin-left rounded-full transition-transform duration-300", tones[tone])}
					style={{ transform: `scaleX(${shown / 100})` }}
				/>
			)}
		</div>
	);
}
