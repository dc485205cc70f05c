import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, it } from "vitest";
import { AnalyticsScreen } from "#components/analytics/analytics-screen.tsx";
import { ModelsTable } from "#components/analytics/models-table.tsx";
import { Banner } from "#components/deployments/banner.tsx";
import { emptyState } from "#lib/deployment/state.ts";
import type { AnalyticsView, ModelFigures, ModelUsage } from "#lib/protocol/index.ts";

const nothing: ModelFigures = {
	calls: 0,
	cached: 0,
	failed: 0,
	waited: 0,
	tokens: { input: 0, output: 0 },
	costUsd: null,
	unpricedTokens: 0,
};
const words = (html: string) =>
	html
		.replace(/<[^>]+>/g, " ")
		.replace(/\s+/g, " ")
		.trim();

/** The rows of the tables, each as the words of its cells. */
const rowsOf = (html: string): string[][] =>
	[...html.matchAll(/<tr[ >].*?<\/tr>/gs)].map(([row]) => [...row.matchAll(/<t[hd][ >].*?<\/t[hd]>/gs)].map(([cell]) => words(cell)));

it("says in words that no model was called", () => {
	const html = renderToStaticMarkup(<ModelsTable models={{ totals: nothing, byModel: [], byAgent: [] }} />);
	expect(words(html)).toContain("No model was called in this time.");
	expect(rowsOf(html)).toEqual([]);
});

it("tells calls, tokens, cost, failed and waited for each model and each agent (R241)", () => {
	const priced = { ...nothing, calls: 12, cached: 2, failed: 1, waited: 3, tokens: { input: 12_000, output: 340 }, costUsd: 0.42 };
	const unpriced = { ...nothing, calls: 1, tokens: { input: 1000, output: 200 }, unpricedTokens: 1200 };
	const totals = { ...priced, calls: 13, tokens: { input: 13_000, output: 540 }, unpricedTokens: 1200 };
	const models = {
		totals,
		byModel: [
			{ model: "fake/m", ...priced },
			{ model: "own/n", ...unpriced },
		],
		byAgent: [
			{ agent: "Developer" as const, ...totals },
			{ agent: null, ...nothing, failed: 1 },
		],
	};
	const head = ["Calls", "Tokens in", "Tokens out", "Cost", "Failed", "Waited"];
	expect(rowsOf(renderToStaticMarkup(<ModelsTable models={models} />))).toEqual([
		["Model", ...head],
		["fake/m 12,000 tokens in, 340 out, 1 failed, 3 waited", "12 2 from kept answers", "12,000", "340", "$0.42", "1", "3"],
		["own/n 1,000 tokens in, 200 out, 0 failed, 0 waited", "1", "1,000", "200", "1,200 tokens price not known", "0", "0"],
		[
			"All 13,000 tokens in, 540 out, 1 failed, 3 waited",
			"13 2 from kept answers",
			"13,000",
			"540",
			"$0.42 and 1,200 tokens without a known price",
			"1",
			"3",
		],
		["Asked by", ...head],
		[
			"Developer 13,000 tokens in, 540 out, 1 failed, 3 waited",
			"13 2 from kept answers",
			"13,000",
			"540",
			"$0.42 and 1,200 tokens without a known price",
			"1",
			"3",
		],
		["Tests in the settings 0 tokens in, 0 out, 1 failed, 0 waited", "0", "0", "0", "–", "1", "0"],
	]);
});

it("is on the page also where models were called and no deployment ended", () => {
	const used = { ...nothing, calls: 1, tokens: { input: 10, output: 1 }, unpricedTokens: 11 };
	const view = (models: AnalyticsView["models"]): AnalyticsView => ({
		days: 30,
		totals: { succeeded: 0, failed: 0, cancelled: 0, open: 0 },
		duration: null,
		queued: null,
		byDay: [],
		stages: [],
		failures: [],
		models,
	});
	const draw = (models: AnalyticsView["models"]) =>
		words(
			renderToStaticMarkup(
				<QueryClientProvider client={new QueryClient()}>
					<AnalyticsScreen initial={view(models)} />
				</QueryClientProvider>,
			),
		);
	const called = draw({ totals: used, byModel: [{ model: "fake/m", ...used }], byAgent: [{ agent: null, ...used }] });
	expect(called).toContain("No deployment ended in this time.");
	expect(called).toMatch(/Language models .* fake\/m .* 11 tokens price not known/);
	expect(draw({ totals: nothing, byModel: [], byAgent: [] })).not.toContain("Language models");
});

it("is said of a deployment where its page says how it ended (R158)", () => {
	const empty = emptyState("one");
	const state = {
		...empty,
		status: "succeeded" as const,
		startedAt: "2025-11-01T12:00:00.000Z",
		finishedAt: "2025-11-01T12:00:58.000Z",
		stages: empty.stages.map((stage) =>
			stage.stage === "write" ? { ...stage, status: "succeeded" as const, facts: { files: 3 } } : stage,
		),
	};
	const used: ModelUsage = {
		calls: 4,
		attempts: 4,
		cached: 0,
		tokens: { input: 12_000, output: 340 },
		costUsd: null,
		durationMs: 9000,
		agents: [],
	};
	const draw = (known: ModelUsage | null) =>
		renderToStaticMarkup(
			<Banner
				state={state}
				activity={null}
				standing="live"
				used={known}
				onLine={() => {}}
				onEditPlan={() => {}}
				onRetry={() => {}}
				retrying={false}
			/>,
		);
	expect(words(draw(used))).toContain("Took 58 s · 3 files written · 4 calls of a model, 12,340 tokens");
	expect(words(draw(null))).toContain("Took 58 s · 3 files written");
	expect(words(draw(null))).not.toContain("model");
});
