import { html } from "../html.ts";
import { type Spec, slugsOf } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { manifest, readme, siteTest } from "./common-files.ts";
import { renderPage } from "./page.ts";
import { stylesheet } from "./styles.ts";
import type { Template } from "./template.ts";

const days = 60;
const periods = [7, 14, 30];

/** Figures as tiles, a chart and a table, from a file of data that says it is a sample. */
export const dashboard: Template = {
	tasks: (spec) => [
		{
			name: "HTML structure",
			acceptance: [
				`A tile, a chart and a column for each of: ${spec.sections.map(({ title }) => title).join(", ")}.`,
				"Sample figures are called so.",
				"It says that it is a template.",
			],
			files: [
				{ path: "index.html", text: render(spec) },
				{ path: "data.json", text: sampleData(spec) },
				readme(
					spec,
					[
						["data.json", "the figures: `metrics` with a key and a title each, `days` with a date and a figure for each key"],
						["index.html", "the page"],
						["script.js", "adds the figures up and draws them"],
					],
					["The figures are samples: put your own into `data.json`, or let something write it."],
				),
				manifest(spec),
			],
		},
		{
			name: "CSS styles",
			acceptance: ["Light and dark.", "Tiles stand side by side where there is room."],
			files: [{ path: "styles.css", text: stylesheet(spec, dashboardStyles) }],
		},
		{
			name: "Figures and charts",
			acceptance: [
				"Sums and changes are right for each period.",
				"Every chart has its figures in a table too.",
				"The tests pass with node --test.",
			],
			files: [{ path: "script.js", text: dashboardScript }, siteTest(["index.html"], dashboardTest)],
		},
	],
};

function render(spec: Spec): string {
	const words = wordsOf(spec.language);
	const lead = spec.tagline ?? words.leads.dashboard;
	const { dashboard: own } = words;
	const main = html`			<div class="wrap board" data-language="${spec.language}" data-change="${own.change}" data-day="${own.day}" data-failed="${own.failed}">
				<div class="top">
					<div class="stack">
						<h1>${spec.name}</h1>
						<p class="lead">${lead}</p>
					</div>
					<div class="period">
						<label for="period">${own.period}</label>
						<select id="period">${periods.map(
							(count) => html`
							<option value="${count}"${count === 14 ? html` selected` : ""}>${own.days(count)}</option>`,
						)}
						</select>
					</div>
				</div>
				<p class="sample">${own.sample}</p>
				<p id="problem" role="alert"></p>
				<ul class="cards" id="tiles"></ul>
				<div class="charts" id="charts"></div>
				<div class="scroll" role="region" aria-labelledby="table-title" tabindex="0">
					<table>
						<caption id="table-title">${spec.sections.map(({ title }) => title).join(", ")}</caption>
						<thead></thead>
						<tbody></tbody>
					</table>
				</div>
			</div>`;
	return renderPage(spec, { title: spec.name, description: lead, links: [], main });
}

/** Figures that rise and fall a little, the same every time. They mean nothing, and the page says so. */
function sampleData({ sections }: Spec): string {
	const keys = slugsOf(
		sections.map(({ title }) => title),
		"metric",
	);
	const first = Date.UTC(2026, 0, 1);
	const rows = Array.from({ length: days }, (_, day) => {
		const date = new Date(first + day * 86_400_000).toISOString().slice(0, 10);
		const figures = keys.map((key, index): [string, number] => {
			const wave = Math.sin((day + index * 3) / 4) * 18 + Math.cos((day * (index + 2)) / 9) * 9;
			return [key, Math.round((90 + wave + day * 0.7) * (index + 1) * 1.5)];
		});
		return { date, ...Object.fromEntries(figures) };
	});
	const metrics = sections.map(({ title }, index) => ({ key: keys[index], title }));
	return `{\n\t"sample": true,\n\t"metrics": ${JSON.stringify(metrics)},\n\t"days": [\n${rows.map((row) => `\t\t${JSON.stringify(row)}`).join(",\n")}\n\t]\n}\n`;
}

const dashboardScript = `"use strict";

/** Sum of a figure over the newest days, and its change to as many days before them in percent; null where there are none. */
function summarise(rows, key, count) {
	const sum = (some) => some.reduce((total, row) => total + row[key], 0);
	const now = sum(rows.slice(-count));
	const before = rows.slice(-2 * count, -count);
	const change = before.length < count || sum(before) === 0 ? null : ((now - sum(before)) / sum(before)) * 100;
	return { total: now, change };
}

/** A line through values, as the points of a box of this size; the lowest lies at its bottom. */
function points(values, width, height) {
	const [low, high] = [Math.min(...values), Math.max(...values)];
	const step = values.length > 1 ? width / (values.length - 1) : 0;
	return values.map((value, index) => [index * step, high === low ? height / 2 : height - ((value - low) / (high - low)) * height]);
}

const make = (name, attributes = {}, ...children) => {
	const svg = ["svg", "path", "polyline", "title"].includes(name);
	const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	element.append(...children);
	return element;
};

function tile({ title }, { total, change }, format, words) {
	const text = change === null ? "" : (change >= 0 ? "▲ +" : "▼ −") + format.format(Math.abs(Math.round(change))) + " % " + words.change;
	return make("li", { class: "card" }, make("h2", {}, title), make("p", { class: "figure" }, format.format(total)), make("p", { class: "muted" }, text));
}

function chart({ key, title }, rows, format) {
	const values = rows.map((row) => row[key]);
	const line = points(values, 600, 160).map(([x, y]) => x.toFixed(1) + "," + (y + 10).toFixed(1));
	const label = title + ": " + rows[0].date + " " + format.format(values[0]) + " → " + rows.at(-1).date + " " + format.format(values.at(-1));
	const drawing = make(
		"svg",
		{ viewBox: "0 0 600 180", role: "img", "aria-label": label, preserveAspectRatio: "none" },
		make("path", { class: "area", d: "M0,180 L" + line.join(" L") + " L600,180 Z" }),
		make("polyline", { class: "line", points: line.join(" "), "vector-effect": "non-scaling-stroke" }),
	);
	return make("figure", { class: "card" }, make("figcaption", {}, title), drawing);
}

function table(root, metrics, rows, format, words) {
	const heads = [words.day, ...metrics.map(({ title }) => title)].map((text) => make("th", { scope: "col" }, text));
	root.querySelector("thead").replaceChildren(make("tr", {}, ...heads));
	const lines = rows.toReversed().map((row) => make("tr", {}, make("th", { scope: "row" }, row.date), ...metrics.map(({ key }) => make("td", {}, format.format(row[key])))));
	root.querySelector("tbody").replaceChildren(...lines);
}

async function setUp(board) {
	const words = board.dataset;
	const period = document.getElementById("period");
	const format = new Intl.NumberFormat(words.language);
	try {
		const answer = await fetch("data.json");
		if (!answer.ok) throw new Error(String(answer.status));
		const { metrics, days } = await answer.json();
		const draw = () => {
			const count = Number(period.value);
			const rows = days.slice(-count);
			document.getElementById("tiles").replaceChildren(...metrics.map((metric) => tile(metric, summarise(days, metric.key, count), format, words)));
			document.getElementById("charts").replaceChildren(...metrics.map((metric) => chart(metric, rows, format)));
			table(board, metrics, rows, format, words);
		};
		period.addEventListener("change", draw);
		draw();
	} catch {
		document.getElementById("problem").textContent = words.failed;
	}
}

if (typeof document !== "undefined") void setUp(document.querySelector(".board"));
if (typeof module !== "undefined") module.exports = { summarise, points };
`;

const dashboardTest = `const { summarise, points } = require("../script.js");

test("sums are of the newest days, changes to the days before them", () => {
	const rows = [1, 1, 2, 2].map((visitors) => ({ visitors }));
	assert.deepEqual(summarise(rows, "visitors", 2), { total: 4, change: 100 });
	assert.deepEqual(summarise(rows, "visitors", 4), { total: 6, change: null });
	assert.deepEqual(summarise([{ visitors: 0 }, { visitors: 5 }], "visitors", 1), { total: 5, change: null });
});

test("a chart stays in its box", () => {
	assert.deepEqual(points([1, 3, 2], 100, 50), [[0, 50], [50, 0], [100, 25]]);
	assert.deepEqual(points([4, 4], 10, 10), [[0, 5], [10, 5]]);
	assert.deepEqual(points([7], 10, 10), [[0, 5]]);
});

test("the data has a figure for each metric on each day", async () => {
	const { metrics, days } = JSON.parse(await read("data.json"));
	assert.ok(metrics.length > 0);
	assert.equal(new Set(metrics.map(({ key }) => key)).size, metrics.length);
	for (const day of days) for (const { key } of metrics) assert.equal(typeof day[key], "number", day.date + " " + key);
});
`;

const dashboardStyles = `.board {
	display: grid;
	grid-template-columns: minmax(0, 1fr);
	gap: 1.5rem;
	padding-block: clamp(1.5rem, 4vw, 3rem);
}

.board h1 {
	font-size: clamp(1.75rem, 1.3rem + 2vw, 2.75rem);
}

.board h2 {
	font-size: 0.9688rem;
	font-weight: 600;
	letter-spacing: 0;
	color: var(--muted);
}

.board .stack {
	gap: 0.5rem;
}

.top {
	display: flex;
	flex-wrap: wrap;
	gap: 1.5rem;
	align-items: end;
	justify-content: space-between;
}

.period {
	display: grid;
	gap: 0.25rem;
	min-width: 10rem;
}

.sample {
	max-width: none;
	padding: 0.625rem 1rem;
	border-left: 4px solid var(--accent);
	background: var(--soft);
}

#problem:empty {
	display: none;
}

#problem {
	color: var(--danger);
}

.board .cards {
	margin: 0;
}

.figure {
	font-size: 2.125rem;
	font-weight: 700;
	line-height: 1.1;
	letter-spacing: -0.02em;
	font-variant-numeric: tabular-nums;
}

.charts {
	display: grid;
	grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr));
	gap: 1.125rem;
}

figure {
	margin: 0;
}

figcaption {
	font-weight: 650;
}

svg {
	display: block;
	width: 100%;
	height: 11rem;
}

.line {
	fill: none;
	stroke: var(--link);
	stroke-width: 2.5;
	stroke-linejoin: round;
}

.area {
	fill: var(--soft);
}

.scroll {
	overflow-x: auto;
	border: 1px solid var(--line);
	border-radius: 0.875rem;
}

table {
	width: 100%;
	border-collapse: collapse;
	font-variant-numeric: tabular-nums;
}

caption {
	padding: 1rem 1.25rem;
	font-weight: 650;
	text-align: left;
}

th,
td {
	padding: 0.625rem 1.25rem;
	border-top: 1px solid var(--line);
	text-align: right;
	white-space: nowrap;
}

th:first-child {
	text-align: left;
	font-weight: 500;
}

thead th {
	color: var(--muted);
	font-weight: 600;
}
`;
