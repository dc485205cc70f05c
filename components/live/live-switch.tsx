"use client";
import { useId } from "react";
import { cn } from "../ui/cn.ts";
import { useLiveSwitch } from "./live-provider.tsx";

/** Switches live updates off and on, for this browser. */
export function LiveSwitch({ className }: { className?: string }) {
	const id = useId();
	const { isOn, setOn } = useLiveSwitch();
	return (
		<div className={cn("flex items-center justify-between gap-4", className)}>
			<span id={id} className="font-medium text-sm">
				Live updates
			</span>
			<button
				type="button"
				role="switch"
				aria-checked={isOn}
				aria-labelledby={id}
				onClick={() => setOn(!isOn)}
				className="inline-flex min-h-8 items-center gap-2 rounded-md text-sm pointer-coarse:min-h-11"
			>
				<span aria-hidden="true" className="w-7 text-right text-muted-foreground">
					{isOn ? "On" : "Off"}
				</span>
				<span
					aria-hidden="true"
					className={cn("flex h-6 w-10 items-center rounded-full border border-input p-0.5", isOn ? "bg-info" : "bg-sunken")}
				>
					<span
						className={cn(
							"size-4.5 rounded-full transition-transform duration-150",
							isOn ? "translate-x-4 bg-surface" : "bg-muted-foreground",
						)}
					/>
				</span>
			</button>
		</div>
	);
}
