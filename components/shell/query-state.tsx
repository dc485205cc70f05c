"use client";
import { type ReactNode, useSyncExternalStore } from "react";
import { Button } from "../ui/button.tsx";
import { CallFailure } from "./call-failure.tsx";
import { Loading } from "./loading.tsx";

interface QueryStateProps<T> {
	/** "settings": what is loaded, for people. */
	what: string;
	query: { data: T | undefined; error: Error | null; isFetching: boolean; refetch: () => unknown };
	children: (data: T) => ReactNode;
}

/** What was asked for, or that it is on its way, or why it did not come: three different screens. */
export function QueryState<T>({ what, query, children }: QueryStateProps<T>) {
	// Rendered by the server it is always on its way. A panel whose code comes late is hydrated when the data may be here already.
	const hydrated = useSyncExternalStore(neverChanges, yes, no);
	if (!hydrated) return <Loading what={what} className="p-4" />;
	if (query.data !== undefined) return children(query.data);
	if (!query.error) return <Loading what={what} className="p-4" />;
	return (
		<div className="grid justify-items-start gap-3">
			<CallFailure error={query.error} />
			<Button variant="outline" size="sm" disabled={query.isFetching} onClick={() => query.refetch()}>
				{query.isFetching ? "Asking again…" : "Try again"}
			</Button>
		</div>
	);
}

const neverChanges = () => () => undefined;
const yes = () => true;
const no = () => false;
