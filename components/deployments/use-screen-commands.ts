import { agents, type Stage, stages } from "#lib/protocol/index.ts";
import type { Command } from "../commands/command-store.ts";
import { useCommands } from "../commands/use-commands.ts";
import { useAnnounce } from "../shell/announcer.tsx";
import { stageWords } from "./words.ts";

/** What is shown below the agents, one at a time. */
export const detailTabs = ["logs", "conversation", "plan", "preview", "timeline", "events"] as const;

interface ScreenCommands {
	/** The stage whose log is shown; null for all of them. */
	stage: Stage | null;
	onStage: (stage: Stage | null) => void;
	onTab: (tab: (typeof detailTabs)[number]) => void;
	/** Shows the line a failure began with; null where there is none. */
	onError: (() => void) | null;
}

const group = "On this page";

/** What can be done on the page of any deployment. */
export function useScreenCommands({ stage, onStage, onTab, onError }: ScreenCommands): void {
	const announce = useAnnounce();
	const at = stage === null ? -1 : stages.indexOf(stage);

	function show(next: number) {
		const chosen = stages[next] ?? null;
		onStage(chosen);
		announce(chosen === null ? "Log of all stages" : `Log of ${stageWords[chosen].name}`);
	}

	async function copyLink() {
		await navigator.clipboard.writeText(window.location.href);
		announce("The link is copied.");
	}

	useCommands([
		{ id: "stage after", title: "Log of the next stage", group, keys: "j", run: () => show(at + 1) },
		{ id: "stage before", title: "Log of the stage before", group, keys: "k", run: () => show(at === -1 ? stages.length - 1 : at - 1) },
		{ id: "tab logs", title: "Show the logs", group, keys: "g l", run: () => onTab("logs") },
		{
			id: "tab conversation",
			title: "Show the conversation",
			group,
			keys: "g c",
			also: "agents messages chat",
			run: () => onTab("conversation"),
		},
		{ id: "tab plan", title: "Show the plan and artifacts", group, keys: "g f", also: "dockerfile files", run: () => onTab("plan") },
		{ id: "tab preview", title: "Show the preview", group, keys: "g v", run: () => onTab("preview") },
		{
			id: "tab timeline",
			title: "Show the timeline",
			group,
			keys: "g t",
			also: "duration waterfall compare",
			run: () => onTab("timeline"),
		},
		{ id: "tab events", title: "Show the events", group, keys: "g e", run: () => onTab("events") },
		{
			id: "copy link",
			title: "Copy the link to what is shown",
			group: "This deployment",
			keys: "y",
			also: "share address url",
			run: () => void copyLink(),
		},
		...(onError ? [{ id: "first error", title: "Show the first error in the log", group: "Log" as const, keys: "e", run: onError }] : []),
		...agents.map(
			(name, index): Command => ({
				id: `agent ${name}`,
				title: `Go to the ${name}`,
				group,
				keys: `${index + 1}`,
				run: () => focusAgent(name),
			}),
		),
	]);
}

function focusAgent(name: string): void {
	const card = document.querySelector<HTMLElement>(`[data-agent="${name}"]`);
	card?.scrollIntoView({ block: "nearest", inline: "center" });
	card?.focus();
}
