import { describe, expect, it } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { hiderOf, sharedEvent, sharedState } from "#lib/deployment/shared.ts";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { StreamEvent } from "#lib/protocol/index.ts";

const previewUrl = "http://web-shop.apps.example.com:3000/";
const secretWords = [
	"owner-01",
	"project-01",
	"git.acme.internal",
	"acme/web-shop",
	"apps.example.com",
	"node-of-this-machine",
	"correlation-01",
	"reference-01",
	"release-01",
	"upload-01",
	"API_BASE=1",
	"Raise the memory",
	"openai/gpt",
];

let seq = 0;
const event = (type: StreamEvent["type"], content: string, metadata: object, more: Partial<StreamEvent> = {}): StreamEvent =>
	({
		id: "e",
		seq: ++seq,
		stream: "deployment/deployment-01",
		deployment_id: "deployment-01",
		type,
		timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)).toISOString(),
		agent_name: null,
		stage: null,
		content,
		metadata,
		requires_ack: true,
		...more,
	}) as StreamEvent;

const failure = {
	code: "build_failed",
	message: `It failed, see ${previewUrl}`,
	action: "Look at https://git.acme.internal/acme/web-shop",
	reference: "reference-01",
	command: "git push https://git.acme.internal/acme/web-shop.git",
	exit_code: 1,
	lines: ["fatal: git.acme.internal/acme/web-shop is not there"],
	first_line: 1,
	decisive: 0,
	cause: null,
};
const fix = { id: "fix-01", title: "Raise the memory", reason: "It needs more.", files: [], kept_from: null };
const stage = { stage: "clone", agent_name: "Analyst" } as const;

/** Everything of every kind that a stream may hold, with what strangers must not see wherever it could stand. */
const events: StreamEvent[] = [
	event("deployment_started", "Deployment #4 of web-shop.", {
		project: { id: "project-01", slug: "web-shop", name: "web-shop" },
		owner_id: "owner-01",
		number: 4,
		source: {
			type: "git",
			url: "https://git.acme.internal/acme/web-shop.git",
			ref: "main",
			directory: "apps/secret",
			private: true,
			upload: "upload-01",
		},
		target: "local",
		retry_of: "deployment-00",
		from: null,
		correlation_id: "correlation-01",
	}),
	event(
		"stage_started",
		"Cloning repository…",
		{ attempt: 1, fence: 1, node: "node-of-this-machine", deadline_ms: 1, isolated: true },
		stage,
	),
	event("agent_status", "", { status: "working", task: "Cloning git.acme.internal/acme/web-shop", progress: 5 }, stage),
	event(
		"log",
		"",
		{
			first: 1,
			last: 1,
			lines: [
				{
					n: 1,
					at: "2026-01-01T00:00:03.000Z",
					from: "stdout",
					text: `Cloning from https://git.acme.internal/acme/web-shop.git to ${previewUrl}`,
				},
			],
		},
		stage,
	),
	event("stage_progress", "Receiving from git.acme.internal/acme/web-shop", { attempt: 1, fence: 1, progress: 40 }, stage),
	event("plan_generated", "Planned.", { plan: { env: { API_BASE: "API_BASE=1" } }, tasks: [], alternatives: [] }),
	event("artifact_created", "Made it.", { name: "API_BASE=1", media_type: "text/plain", size: 1, sha256: "a" }),
	event("preview_ready", `The preview answers at ${previewUrl}`, { url: previewUrl, release: "release-01" }),
	event("status", "Stopping.", { status: "running", cancel_requested_by: "owner-01" }),
	event("agent_response", "", { text: "half of", facts: {}, message: "m", part: 1, final: false }, stage),
	event("agent_response", "", { text: `web-shop went live at ${previewUrl}.`, facts: { at: previewUrl }, model: "openai/gpt-5" }, stage),
	event(
		"stage_completed",
		"Cloned https://git.acme.internal/acme/web-shop.git",
		{
			attempt: 1,
			fence: 1,
			duration_ms: 10,
			facts: { files: 2, from: "git.acme.internal/acme/web-shop" },
			output: {
				source: "source-01",
				commit: "c0ffee",
				commit_subject: "Move to git.acme.internal/acme/web-shop",
				release: "release-01",
				preview_url: previewUrl,
			},
			reused: false,
			skipped: false,
		},
		stage,
	),
	event("agent_status", "Read.", { status: "done", task: "Read git.acme.internal/acme/web-shop", progress: 100 }, stage),
	event("status", "openai/gpt-4o writes it, task by task.", {}, stage),
	event("status", "Paused before build: owner-01.", { status: "paused" }),
	event(
		"stage_started",
		"Building",
		{ attempt: 1, fence: 2, node: "node-of-this-machine", deadline_ms: 1, isolated: true },
		{ stage: "build" },
	),
	event(
		"stage_failed",
		"No.",
		{ attempt: 1, fence: 2, duration_ms: 3, error: failure, will_retry: false, cancelled: false },
		{ stage: "build" },
	),
	event("fix_proposed", "This can be repaired: Raise the memory.", { fix }),
	event("fix_applied", "Repaired: Raise the memory.", { fix_id: fix.id, by: "owner-01" }, { agent_name: "Developer" }),
	event(
		"agent_status",
		"Repaired: Raise the memory. Trying again from the plan.",
		{ status: "working", task: "Repaired: Raise the memory. Trying again from the plan.", progress: null },
		{ agent_name: "Developer" },
	),
	event("agent_response", "", { text: "Repaired: Raise the memory. Wrote Dockerfile, 9 lines", facts: {} }, { agent_name: "Developer" }),
	event("system", "owner-01 did something on node-of-this-machine", { message_type: "info" }),
	event("something_newer" as StreamEvent["type"], "owner-01", { owner: "owner-01" }),
	event("deployment_completed", `web-shop was not deployed: ${failure.message}`, {
		status: "failed",
		duration_ms: 9,
		error: failure,
		stopped_processes: 1,
	}),
];

const state: DeploymentState = { ...foldAll("deployment-01", events) };
const hide = hiderOf(state);

describe("what strangers see of a deployment", () => {
	it("is the same whether its state is shared or its events are folded", () => {
		const shared = events.flatMap((one) => sharedEvent(one, hide) ?? []);
		expect(foldAll("", shared)).toEqual(sharedState(state, hide));
	});

	it("holds nothing of its owner, its source, its address or this machine", () => {
		expect(state.previewUrl).toBe(previewUrl);
		const shown = JSON.stringify([sharedState(state, hide), events.map((one) => sharedEvent(one, hide))]);
		expect(secretWords.filter((word) => shown.includes(word))).toEqual([]);
		expect(shown).toContain("c0ffee");
		expect(shown).toContain("Cloning from [hidden] to [hidden]");
	});

	it("says that something was repaired, how agents stand and that it was paused, in words that are always the same", () => {
		const said = events.flatMap((one) => sharedEvent(one, hide) ?? []);
		const of = (kind: StreamEvent["type"]) => said.filter(({ type }) => type === kind).map(({ content }) => content);
		expect(of("fix_applied")).toEqual(["Repaired."]);
		expect(of("agent_status")).toEqual(["At work.", "Done.", "At work."]);
		expect(of("status")).toEqual(["Goes on.", "", "Paused."]);
		expect(JSON.stringify(said)).toContain("Repaired: [hidden]. Wrote Dockerfile, 9 lines");
	});

	it("leaves out every kind of event that it does not know", () => {
		const kinds = new Set(events.flatMap((one) => sharedEvent(one, hide)?.type ?? []));
		for (const kind of ["system", "something_newer", "plan_generated", "artifact_created", "preview_ready"])
			expect(kinds).not.toContain(kind);
	});

	it("is nothing but what is listed, whatever a state may hold one day", () => {
		const more = { ...state, newer: [{ by: "owner-01" }] } as DeploymentState;
		expect(Object.keys(sharedState(more, hide)).sort()).toEqual(Object.keys(emptyState("")).sort());
	});
});
