"use client";
import { useDeferredValue, useState } from "react";
import type { ReleaseView } from "#lib/protocol/index.ts";
import { RuntimeLogPane } from "./runtime-log-pane.tsx";
import { useRuntimeLog } from "./use-runtime-log.ts";

interface RuntimeLogProps {
	slug: string;
	releases: readonly ReleaseView[];
	/** In the address: the words searched for, and the release (null: the one in use). */
	search: string;
	onSearch: (search: string) => void;
	release: string | null;
	onRelease: (release: string | null) => void;
}

/** What the running app prints, as it prints it. */
export function RuntimeLog({ slug, releases, search, onSearch, release, onRelease }: RuntimeLogProps) {
	const chosen = releases.find((candidate) => (release === null ? candidate.active : candidate.id === release));
	const processes = releases.filter(({ kind }) => kind === "process");
	if (!chosen && processes.length === 0) {
		return (
			<Nothing>
				{releases.length === 0 ? "Nothing runs yet. What the app prints is shown here once it does." : "No release is in use."}
			</Nothing>
		);
	}
	if (chosen?.kind === "static" && processes.length === 0) {
		return <Nothing>This project is served as files: no app of its own runs, so nothing is printed.</Nothing>;
	}
	return (
		<LiveLog
			slug={slug}
			releases={processes}
			running={chosen !== undefined && (chosen.status === "live" || chosen.status === "starting")}
			{...{ search, onSearch, release, onRelease }}
		/>
	);
}

function LiveLog({ slug, running, ...choice }: RuntimeLogProps & { running: boolean }) {
	const [held, setHeld] = useState(false);
	const reading = useRuntimeLog({ slug, release: choice.release, search: useDeferredValue(choice.search.trim()) }, held);
	return <RuntimeLogPane reading={reading} running={running} onHold={setHeld} {...choice} />;
}

function Nothing({ children }: { children: string }) {
	return <p className="rounded-lg border border-input border-dashed px-4 py-8 text-center text-muted-foreground text-sm">{children}</p>;
}
