import { html } from "../html.ts";
import type { Spec } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { manifest, readme, siteTest } from "./common-files.ts";
import { renderPage } from "./page.ts";
import { stylesheet } from "./styles.ts";
import type { Template } from "./template.ts";

/** A list of tasks that a browser keeps. */
export const todo: Template = {
	tasks: (spec) => [
		{
			name: "HTML structure",
			acceptance: ["A field for a new task, a list, and three views of it.", "It says that it is a template."],
			files: [
				{ path: "index.html", text: render(spec) },
				readme(
					spec,
					[
						["index.html", "the page"],
						["script.js", "what can be done with tasks, and how they are shown"],
					],
					["Tasks are kept in the browser they were typed in, and nowhere else."],
				),
				manifest(spec),
			],
		},
		{
			name: "CSS styles",
			acceptance: ["Light and dark.", "Everything can be hit with a thumb."],
			files: [{ path: "styles.css", text: stylesheet(spec, todoStyles) }],
		},
		{
			name: "Adding, ticking off and keeping",
			acceptance: [
				"Tasks are added, ticked off, removed and seen by view.",
				"They are there again after a reload.",
				"The tests pass with node --test.",
			],
			files: [{ path: "script.js", text: todoScript }, siteTest(["index.html"], todoTest)],
		},
	],
};

function render(spec: Spec): string {
	const { todo: words, leads } = wordsOf(spec.language);
	const lead = spec.tagline ?? leads.todo;
	const main = html`			<div class="wrap list" id="app" data-left="${words.left}" data-remove="${words.remove}" data-nothing="${words.nothing}">
				<h1>${spec.name}</h1>
				<p class="lead">${lead}</p>
				<form id="new">
					<label for="text">${words.task}</label>
					<div class="row">
						<input id="text" autocomplete="off" maxlength="200" placeholder="${words.hint}" required>
						<button class="button" type="submit">${words.add}</button>
					</div>
				</form>
				<div class="row views" role="group" aria-label="${words.all}">
					<button type="button" data-view="all" aria-pressed="true">${words.all}</button>
					<button type="button" data-view="open" aria-pressed="false">${words.open}</button>
					<button type="button" data-view="done" aria-pressed="false">${words.done}</button>
				</div>
				<ul id="tasks"></ul>
				<div class="row between">
					<p id="left" role="status" class="muted"></p>
					<button type="button" id="clear" class="button quiet">${words.clear}</button>
				</div>
				<p class="muted">${words.kept}</p>
			</div>`;
	return renderPage(spec, { title: spec.name, description: lead, links: [], main });
}

const todoScript = `"use strict";

/** The list after something was done. Pure: the list before stays as it was. */
function change(tasks, action) {
	switch (action.type) {
		case "add": {
			const text = action.text.trim();
			return text === "" ? tasks : [...tasks, { id: action.id, text, done: false }];
		}
		case "toggle":
			return tasks.map((task) => (task.id === action.id ? { ...task, done: !task.done } : task));
		case "remove":
			return tasks.filter(({ id }) => id !== action.id);
		case "clear":
			return tasks.filter(({ done }) => !done);
		default:
			return tasks;
	}
}

/** The tasks of a view: "all", "open" or "done". */
function seen(tasks, view) {
	return view === "all" ? tasks : tasks.filter(({ done }) => done === (view === "done"));
}

/** What was kept; whatever else stands there is an empty list. */
function parse(text) {
	try {
		const kept = JSON.parse(text);
		return Array.isArray(kept) ? kept.filter((task) => task && typeof task.id === "string" && typeof task.text === "string").map(({ id, text, done }) => ({ id, text, done: done === true })) : [];
	} catch {
		return [];
	}
}

const storageKey = "tasks";

function load() {
	try {
		return parse(localStorage.getItem(storageKey));
	} catch {
		return [];
	}
}

function save(tasks) {
	try {
		localStorage.setItem(storageKey, JSON.stringify(tasks));
	} catch {
		// A browser that keeps nothing still shows the list.
	}
}

function setUp(app) {
	const list = document.getElementById("tasks");
	const text = document.getElementById("text");
	let [tasks, view] = [load(), "all"];

	function act(action) {
		tasks = change(tasks, action);
		save(tasks);
		show();
	}

	function item({ id, text: words, done }) {
		const box = document.createElement("input");
		box.type = "checkbox";
		box.id = "task-" + id;
		box.checked = done;
		box.addEventListener("change", () => {
			act({ type: "toggle", id });
			document.getElementById(box.id)?.focus();
		});
		const label = document.createElement("label");
		label.htmlFor = box.id;
		label.textContent = words;
		const remove = document.createElement("button");
		remove.type = "button";
		remove.textContent = "×";
		remove.setAttribute("aria-label", app.dataset.remove + ": " + words);
		remove.addEventListener("click", () => {
			act({ type: "remove", id });
			text.focus();
		});
		const row = document.createElement("li");
		row.append(box, label, remove);
		return row;
	}

	function show() {
		const rows = seen(tasks, view).map(item);
		if (rows.length === 0) {
			const empty = document.createElement("li");
			empty.className = "muted";
			empty.textContent = app.dataset.nothing;
			rows.push(empty);
		}
		list.replaceChildren(...rows);
		document.getElementById("left").textContent = seen(tasks, "open").length + " " + app.dataset.left;
		document.getElementById("clear").hidden = seen(tasks, "done").length === 0;
		for (const button of app.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === view));
	}

	document.getElementById("new").addEventListener("submit", (event) => {
		event.preventDefault();
		act({ type: "add", id: Date.now().toString(36) + Math.random().toString(36).slice(2, 6), text: text.value });
		text.value = "";
		text.focus();
	});
	document.getElementById("clear").addEventListener("click", () => {
		act({ type: "clear" });
		text.focus();
	});
	for (const button of app.querySelectorAll("[data-view]"))
		button.addEventListener("click", () => {
			view = button.dataset.view;
			show();
		});
	show();
}

if (typeof document !== "undefined") setUp(document.getElementById("app"));
if (typeof module !== "undefined") module.exports = { change, seen, parse };
`;

const todoTest = `const { change, seen, parse } = require("../script.js");

const tasks = [
	{ id: "a", text: "Bread", done: false },
	{ id: "b", text: "Milk", done: true },
];

test("a task is added, ticked off and removed", () => {
	assert.deepEqual(change(tasks, { type: "add", id: "c", text: "  Salt " }).at(-1), { id: "c", text: "Salt", done: false });
	assert.deepEqual(change(tasks, { type: "add", id: "c", text: "   " }), tasks);
	assert.equal(change(tasks, { type: "toggle", id: "a" })[0].done, true);
	assert.equal(tasks[0].done, false);
	assert.deepEqual(change(tasks, { type: "remove", id: "a" }), [tasks[1]]);
	assert.deepEqual(change(tasks, { type: "clear" }), [tasks[0]]);
});

test("each view shows its own", () => {
	assert.deepEqual(seen(tasks, "all"), tasks);
	assert.deepEqual(seen(tasks, "open"), [tasks[0]]);
	assert.deepEqual(seen(tasks, "done"), [tasks[1]]);
});

test("what was kept is read, and nothing else", () => {
	assert.deepEqual(parse(JSON.stringify(tasks)), tasks);
	for (const wrong of [null, "", "{", "7", '[null,{"id":1}]']) assert.deepEqual(parse(wrong), []);
});
`;

const todoStyles = `.list {
	display: grid;
	grid-template-columns: minmax(0, 1fr);
	gap: 1.25rem;
	max-width: 42rem;
	padding-block: clamp(2rem, 6vw, 4rem);
}

.list h1 {
	font-size: clamp(2rem, 1.4rem + 2.6vw, 3.25rem);
}

.list form {
	display: grid;
	gap: 0.375rem;
}

.row {
	display: flex;
	flex-wrap: wrap;
	gap: 0.625rem;
	align-items: center;
}

.row input {
	flex: 1 1 14rem;
}

.between {
	justify-content: space-between;
	min-height: 3rem;
}

.views button {
	min-height: 2.75rem;
	padding: 0 1.125rem;
	border: 1px solid var(--field);
	border-radius: 999px;
	background: transparent;
	color: var(--ink);
	font: inherit;
	cursor: pointer;
}

.views button[aria-pressed="true"] {
	border-color: var(--accent);
	background: var(--accent);
	color: var(--on-accent);
}

#tasks {
	display: grid;
	gap: 0.5rem;
	margin: 0;
	padding: 0;
	list-style: none;
}

#tasks li {
	display: flex;
	align-items: center;
	gap: 0.875rem;
	min-height: 3.5rem;
	padding: 0.25rem 0.5rem 0.25rem 1rem;
	border: 1px solid var(--line);
	border-radius: 0.75rem;
	background: var(--card);
}

#tasks input {
	flex: none;
	width: 1.5rem;
	min-height: 1.5rem;
	accent-color: var(--accent);
}

#tasks label {
	flex: 1;
	min-width: 0;
	padding-block: 0.75rem;
	font-weight: 500;
	font-size: 1.0625rem;
}

#tasks input:checked + label {
	color: var(--muted);
	text-decoration: line-through;
}

#tasks button {
	flex: none;
	width: 2.75rem;
	height: 2.75rem;
	border: 0;
	border-radius: 0.5rem;
	background: transparent;
	color: var(--muted);
	font: inherit;
	font-size: 1.5rem;
	line-height: 1;
	cursor: pointer;
}

#tasks button:hover {
	background: var(--soft);
	color: var(--ink);
}

[hidden] {
	display: none;
}
`;
