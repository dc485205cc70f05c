"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useCountRefresh, useLiveClient } from "./live-provider.tsx";

export type RefreshState = "idle" | "busy" | "failed";

/** Fetches once everything the page shows: streams, lists, and what the server rendered. */
export function useRefresh(): { state: RefreshState; refresh: () => Promise<void> } {
	const client = useLiveClient();
	const queries = useQueryClient();
	const router = useRouter();
	const countRefresh = useCountRefresh();
	const [state, setState] = useState<RefreshState>("idle");
	return {
		state,
		async refresh() {
			if (state === "busy") return;
			setState("busy");
			countRefresh();
			const [answered] = await Promise.all([client?.refresh() ?? false, queries.invalidateQueries()]);
			if (answered) router.refresh();
			setState(answered ? "idle" : "failed");
		},
	};
}
