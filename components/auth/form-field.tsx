import { type ComponentProps, useId } from "react";
import { Input } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";

interface FormFieldProps extends ComponentProps<"input"> {
	label: string;
	hint?: string;
}

/** A labelled field with its hint. */
export function FormField({ label, hint, ...props }: FormFieldProps) {
	const id = useId();
	return (
		<div className="grid gap-1.5">
			<Label htmlFor={id}>{label}</Label>
			<Input id={id} aria-describedby={hint ? `${id}-hint` : undefined} {...props} />
			{hint && (
				<p id={`${id}-hint`} className="text-muted-foreground text-xs">
					{hint}
				</p>
			)}
		</div>
	);
}
