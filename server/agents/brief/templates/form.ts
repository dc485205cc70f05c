import { type Html, html } from "../html.ts";
import type { Spec } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";

type FieldName = "name" | "email" | "message";

/** A form that is checked in the browser, by `formScript`. */
export function renderForm({ language }: Spec, fields: readonly FieldName[], button: "send" | "join"): Html {
	const { form: words } = wordsOf(language);
	const control = (name: FieldName): Html => {
		if (name === "message")
			return html`<textarea id="message" name="message" rows="5" required data-min="10" aria-describedby="message-problem"></textarea>`;
		const type = name === "email" ? "email" : "text";
		return html`<input id="${name}" name="${name}" type="${type}" autocomplete="${name}" required aria-describedby="${name}-problem">`;
	};
	return html`<form class="form" data-checked data-endpoint="" data-required="${words.required}" data-invalid="${words.invalid}" data-short="${words.short}" data-sent="${words.sent}" data-failed="${words.failed}">${fields.map(
		(name) => html`
						<div class="field">
							<label for="${name}">${words[name]}</label>
							${control(name)}
							<p class="problem" id="${name}-problem"></p>
						</div>`,
	)}
						<button class="button" type="submit">${words[button]}</button>
						<p role="status"></p>
					</form>`;
}

export const formScript = `"use strict";

/**
 * What is wrong with a value: "required", "invalid", "short", or null when nothing is. It is the same check for every field, and it
 * runs without a browser, so that it can be tested.
 */
function problemOf(value, { required = false, type = "text", min = 0 } = {}) {
	const text = value.trim();
	if (text === "") return required ? "required" : null;
	if (type === "email" && !/^[^\\s@]+@[^\\s@]+\\.[^\\s@]{2,}$/.test(text)) return "invalid";
	return text.length < min ? "short" : null;
}

/** Checks a field where it stands and says under it what is wrong. */
function check(field, words) {
	const problem = problemOf(field.value, { required: field.required, type: field.type, min: Number(field.dataset.min ?? 0) });
	document.getElementById(field.getAttribute("aria-describedby")).textContent = problem === null ? "" : words[problem];
	if (problem === null) field.removeAttribute("aria-invalid");
	else field.setAttribute("aria-invalid", "true");
	return problem === null;
}

async function send(form, status) {
	const { endpoint, sent, failed } = form.dataset;
	status.textContent = "";
	delete status.dataset.good;
	try {
		// Without an address to send it to, the form says so: see README.md.
		if (endpoint) {
			const answer = await fetch(endpoint, { method: "POST", body: new FormData(form) });
			if (!answer.ok) throw new Error(String(answer.status));
		}
		status.textContent = sent;
		status.dataset.good = "";
		form.reset();
	} catch {
		status.textContent = failed;
	}
}

function setUp(form) {
	const fields = [...form.querySelectorAll("input, textarea")];
	const status = form.querySelector("[role=status]");
	// Without this script the browser's own check does it.
	form.noValidate = true;
	for (const field of fields) {
		field.addEventListener("blur", () => field.value !== "" && check(field, form.dataset));
		field.addEventListener("input", () => field.hasAttribute("aria-invalid") && check(field, form.dataset));
	}
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const wrong = fields.filter((field) => !check(field, form.dataset));
		if (wrong.length > 0) wrong[0].focus();
		else void send(form, status);
	});
}

if (typeof document !== "undefined") for (const form of document.querySelectorAll("form[data-checked]")) setUp(form);
if (typeof module !== "undefined") module.exports = { problemOf };
`;

export const formTest = `const { problemOf } = require("../script.js");

test("what is required has to be filled in", () => {
	assert.equal(problemOf("", { required: true }), "required");
	assert.equal(problemOf("   ", { required: true }), "required");
	assert.equal(problemOf("", { required: false }), null);
	assert.equal(problemOf("Ada", { required: true }), null);
});

test("an address needs a name, a sign and a host", () => {
	const email = { required: true, type: "email" };
	for (const wrong of ["ada", "ada@", "@example.com", "ada@example", "a da@example.com"]) assert.equal(problemOf(wrong, email), "invalid", wrong);
	assert.equal(problemOf(" ada@example.com ", email), null);
});

test("a message has some words", () => {
	assert.equal(problemOf("Hi", { required: true, min: 10 }), "short");
	assert.equal(problemOf("Hello, is there bread on Sundays?", { required: true, min: 10 }), null);
});
`;
