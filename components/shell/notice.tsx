import type { ReactNode } from "react";
import { Mark } from "./mark.tsx";

interface NoticeProps {
	title: string;
	children: ReactNode;
	action?: ReactNode;
}

/** A page, or part of one, that has only one thing to say. */
export function Notice({ title, children, action }: NoticeProps) {
	return (
		<div className="mx-auto flex min-h-[50vh] max-w-md flex-col items-center justify-center gap-4 px-4 py-16 text-center">
			<Mark className="size-12 text-muted-foreground" />
			<h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
			<div className="text-muted-foreground">{children}</div>
			{action}
		</div>
	);
}
