"use client";
import { type ComponentProps, useId } from "react";
import { Button } from "../ui/button.tsx";
import { useOutOfReach } from "./use-out-of-reach.ts";

type ServerButtonProps = Omit<ComponentProps<typeof Button>, "asChild">;

/** A button for what only the server can do. While that cannot be reached it does nothing and says why: when it is pointed at, touched or focused. */
export function ServerButton(props: ServerButtonProps) {
	const reason = useOutOfReach();
	const id = useId();
	if (reason === null) return <Button {...props} />;
	return (
		<span className="group/reach relative inline-flex">
			<Button {...props} aria-disabled="true" aria-describedby={id} onClick={(event) => event.preventDefault()} />
			<span
				id={id}
				role="tooltip"
				className="invisible absolute top-full right-0 z-20 mt-1 w-56 rounded-md border border-border bg-surface px-3 py-2 text-left text-xs shadow-lg group-focus-within/reach:visible group-hover/reach:visible"
			>
				{reason}
			</span>
		</span>
	);
}
