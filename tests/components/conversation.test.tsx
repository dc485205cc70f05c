import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { AppRouterContext, type AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime.js";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { BriefPanel } from "#components/deployments/brief-panel.tsx";
import { Conversation } from "#components/deployments/conversation/conversation.tsx";
import { createDeploymentFeed, type LiveDeployment } from "#components/live/deployment-feed.ts";
import { emptyState } from "#lib/deployment/state.ts";
import type { Brief, EventDraft } from "#lib/protocol/index.ts";
import { failure, Simulation, startInput } from "../lib/deployment/simulation.ts";

/** Why nothing can be sent; how the pages find that out is told by `tests/e2e/connection.spec.ts`. */
const outOfReach = vi.hoisted(() => ({ reason: null as string | null }));
vi.mock("#components/live/use-out-of-reach.ts", () => ({ useOutOfReach: () => outOfReach.reason }));
afterEach(() => {
	outOfReach.reason = null;
});

const brief: Brief = { text: "A landing page for my bakery Sunrise.", messages: ["make the header blue"] };

/** A deployment made from a brief, through its clone stage. */
function begun(): Simulation {
	const run = new Simulation();
	const source = { type: "brief" as const, url: "brief:sunrise", ref: null, directory: null, private: false, brief };
	run.give({ ...startInput, metadata: { ...startInput.metadata, source } });
	run.begin();
	run.give({ type: "complete", fence: run.fence, text: "Read the brief.", facts: {}, output: {} });
	run.begin();
	return run;
}

/** What the page knows of it that has watched it from its first event on. */
function watched(run: Simulation): LiveDeployment {
	const feed = createDeploymentFeed({
		initial: { ...emptyState(run.state.id), epoch: "e1", activity: null },
		lines: [],
		readLog: () => Promise.reject(new Error("nobody looks at the log")),
		nextFrame() {},
		later() {},
	});
	feed.handlers.onEvents?.(run.events);
	return feed.current();
}

/** The HTML of it, as the server writes it into a page. */
function draw(children: ReactNode): string {
	const router = { push() {} } as unknown as AppRouterInstance;
	return renderToStaticMarkup(
		<AppRouterContext value={router}>
			<QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
		</AppRouterContext>,
	);
}
const talk = (run: Simulation) => draw(<Conversation deployment={watched(run)} onRetry={() => {}} retrying={false} used={null} />);
const words = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

describe("the conversation (R219)", () => {
	it("is a list of who said what, oldest first", () => {
		const run = begun();
		run.give({ type: "complete", fence: run.fence, text: "A bakery.", facts: {}, output: {}, response: "It is a landing page." });
		run.begin();
		const html = talk(run);
		const speakers = [...html.matchAll(/<li data-speaker="(\w+)"/g)].map(([, speaker]) => speaker);
		expect(speakers[0]).toBe("you");
		expect(speakers.indexOf("Analyst")).toBeGreaterThan(0);
		expect(speakers.at(-1)).toBe("Architect");
		expect(words(html).indexOf(brief.text)).toBeGreaterThan(-1);
		expect(words(html).indexOf("It is a landing page.")).toBeGreaterThan(words(html).indexOf(brief.text));
	});

	it("says who is at it, and what is being said as it grows", () => {
		const run = begun();
		expect(talk(run)).toMatch(/<li data-speaker="Analyst" data-now/);
		expect(words(talk(run))).toContain("Analyst is working");
		const part: EventDraft = {
			type: "agent_response",
			agent_name: "Analyst",
			stage: "analyze",
			content: "",
			metadata: { text: "It is a landing", facts: {}, message: "m", part: 1, final: false },
		};
		run.tell(part);
		expect(talk(run)).toMatch(/data-growing[^>]*>.*It is a landing/);
		expect(words(talk(run))).toContain("Analyst is answering");
	});

	it("stops saying that anybody is at it once the deployment has ended", () => {
		const run = begun();
		run.give({ type: "fail", fence: run.fence, failure });
		expect(talk(run)).not.toContain("data-now");
	});

	it("says that it is on its way while nothing of it is known", () => {
		const html = talk(new Simulation());
		expect(html).toContain('role="status"');
		expect(words(html)).toContain("Loading the conversation");
	});
});

describe("the field for the next message (R219)", () => {
	const panel = (run: Simulation) => draw(<BriefPanel state={run.state} brief={brief} />);
	const field = (html: string) => /<input[^>]*id="follow-up"[^>]*>/.exec(html)?.[0] ?? "";
	const send = (html: string) => /<button[^>]*type="submit"[^>]*>/.exec(html)?.[0] ?? "";
	const isDisabled = (tag: string) => / disabled=""/.test(tag);
	const ended = () => {
		const run = begun();
		run.give({ type: "fail", fence: run.fence, failure });
		return run;
	};

	it("has a label, stands below what was asked for, and is open once the deployment has ended", () => {
		const html = panel(ended());
		expect(html).toMatch(/<label[^>]*for="follow-up"[^>]*>Ask for a change/);
		expect(words(html)).toContain("make the header blue");
		expect(isDisabled(field(html)) || isDisabled(send(html))).toBe(false);
		expect(send(html)).toContain('aria-disabled="false"');
	});

	it("is closed before, and says why", () => {
		const html = panel(begun());
		expect(isDisabled(field(html)) && isDisabled(send(html))).toBe(true);
		expect(send(html)).toContain('title="Possible once this deployment has ended"');
	});

	it("sends nothing while the server is out of reach, and says why; what is typed stays", () => {
		outOfReach.reason = "The server can't be reached. This waits until it answers again.";
		const html = panel(ended());
		expect(isDisabled(field(html))).toBe(false);
		expect(send(html)).toContain('aria-disabled="true"');
		const described = /aria-describedby="([^"]+)"/.exec(send(html))?.[1];
		expect(html).toContain(`<span id="${described}" role="tooltip"`);
		expect(words(html)).toContain("This waits until it answers again.");
	});
});
