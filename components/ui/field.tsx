import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { Label } from "./label.tsx";

/** What a control inside a `Field` takes over: its id, whether it is wrong, and what describes it. */
export interface FieldControl {
	id: string;
	"aria-invalid": boolean;
	"aria-describedby": string | undefined;
}

interface FieldProps {
	id: string;
	label: ReactNode;
	hint?: ReactNode;
	/** What is wrong with the value, as a plain sentence. */
	problem?: string | null;
	className?: string;
	children: (control: FieldControl) => ReactNode;
}

/** A labelled control with its hint and, where the value is wrong, the reason. */
export function Field({ id, label, hint, problem = null, className, children }: FieldProps) {
	const described = [problem && `${id}-problem`, hint && `${id}-hint`].filter(Boolean).join(" ");
	return (
		<div className={cn("grid content-start gap-1.5", className)}>
			<Label htmlFor={id}>{label}</Label>
			{children({ id, "aria-invalid": problem !== null, "aria-describedby": described || undefined })}
			{problem && (
				<p id={`${id}-problem`} className="text-danger text-sm">
					{problem}
				</p>
			)}
			{hint && (
				<p id={`${id}-hint`} className="text-muted-foreground text-xs">
					{hint}
				</p>
			)}
		</div>
	);
}
