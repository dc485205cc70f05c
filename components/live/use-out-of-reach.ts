"use client";
import { useQuery } from "@tanstack/react-query";
import { client } from "../client.ts";
import { useConnectionStatus } from "./live-provider.tsx";

const askEveryMs = 3000;

/**
 * Why nothing can be sent at the moment, or null. A lost connection alone is no reason: only when the server does not answer a plain
 * request either. Callers share one question.
 */
export function useOutOfReach(): string | null {
	const { kind, refused } = useConnectionStatus();
	const isInDoubt = (kind === "lost" || kind === "unreachable") && refused === null;
	const { isError } = useQuery({
		queryKey: ["reach"],
		queryFn: () => client.system.health(),
		enabled: isInDoubt,
		refetchInterval: askEveryMs,
		staleTime: 0,
		retry: false,
		networkMode: "always",
	});
	return isInDoubt && isError ? "The server can't be reached. This waits until it answers again." : null;
}
