import { html } from "../html.ts";
import { type Spec, slugsOf } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { manifest, readme } from "./common-files.ts";
import { renderPage } from "./page.ts";
import { stylesheet } from "./styles.ts";
import type { Template } from "./template.ts";

/** A service with the usual five calls for each resource, kept in memory, and a page that shows them. */
export const api: Template = {
	plan: { kind: "process", start: ["node", "server.js"], output: null, healthPath: "/health" },
	tasks: (spec) => [
		{
			name: "Endpoints",
			acceptance: [
				`List, read, create, change and delete for each of: ${resourcesOf(spec).join(", ")}.`,
				"Wrong input is answered with 400 and says why; what is not there with 404.",
			],
			files: [
				{ path: "server.js", text: serverScript },
				{ path: "api.json", text: `${JSON.stringify({ name: spec.name, resources: resourcesOf(spec) }, null, "\t")}\n` },
				readme(
					spec,
					[
						["server.js", "the service; it listens on the port given in PORT"],
						["api.json", "its name, and the resources it has"],
						["page/", "what is shown at `/`"],
						["test/api.test.js", "what has to stay true"],
					],
					[
						"Another resource is one more name in `api.json`.",
						"Entries are kept in memory: they are gone after a restart. Put a database behind `createStore` in `server.js` to keep them.",
					],
				),
				manifest(spec, { start: "node server.js" }),
			],
		},
		{
			name: "Page that shows them",
			acceptance: ["Every endpoint with a command to try it.", "It says that it is a template."],
			files: [
				{ path: "page/index.html", text: render(spec) },
				{ path: "page/styles.css", text: stylesheet(spec, apiStyles) },
			],
		},
		{
			name: "Tests of the service",
			acceptance: ["Every call is made over HTTP.", "The tests pass with node --test."],
			files: [{ path: "test/api.test.js", text: apiTest }],
		},
	],
};

function resourcesOf({ sections }: Spec): string[] {
	return slugsOf(
		sections.map(({ title }) => title),
		"items",
	);
}

function render(spec: Spec): string {
	const words = wordsOf(spec.language);
	const lead = spec.tagline ?? words.leads.api;
	const main = html`			<div class="wrap stack service">
				<h1>${spec.name}</h1>
				<p class="lead">${lead} ${words.api.about}</p>
				<p class="note">${words.api.memory}</p>
				<h2>${words.api.endpoints}</h2>${resourcesOf(spec).map((name) => {
					const path = `/api/${name}`;
					const calls = [
						["GET", path],
						["POST", path],
						["GET", `${path}/{id}`],
						["PUT", `${path}/{id}`],
						["DELETE", `${path}/{id}`],
					];
					return html`
				<div class="card resource">
					<h3>${name}</h3>
					<ul>${calls.map(
						([method = "", at = ""]) => html`
						<li><b>${method}</b> <code>${at}</code></li>`,
					)}
					</ul>
					<p>${words.api.try}</p>
					<pre tabindex="0"><code>curl -X POST -H 'content-type: application/json' -d '{"name":"First"}' "$URL${path}"</code></pre>
				</div>`;
				})}
			</div>`;
	return renderPage(spec, {
		title: spec.name,
		description: lead,
		links: [{ href: "/health", text: "/health" }],
		main,
		root: "/",
		script: null,
		home: "",
	});
}

const serverScript = `"use strict";
const { createServer } = require("node:http");
const { readFile } = require("node:fs/promises");
const { randomUUID } = require("node:crypto");
const { join } = require("node:path");
const { env } = require("node:process");

const maxBodyBytes = 64 * 1024;
const maxEntries = 10_000;
const pages = { "/": ["index.html", "text/html; charset=utf-8"], "/styles.css": ["styles.css", "text/css; charset=utf-8"] };

/** An answer that says what went wrong. */
class Problem extends Error {
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

/** Entries of one resource, in memory. A database has the same five calls. */
function createStore() {
	const entries = new Map();
	return {
		list: () => [...entries.values()],
		get(id) {
			const entry = entries.get(id);
			if (!entry) throw new Problem(404, "There is no entry with this id.");
			return entry;
		},
		create(fields) {
			if (entries.size >= maxEntries) throw new Problem(409, "There are too many entries.");
			const entry = { ...fields, id: randomUUID(), createdAt: new Date().toISOString() };
			entries.set(entry.id, entry);
			return entry;
		},
		replace(id, fields) {
			const { createdAt } = this.get(id);
			const entry = { ...fields, id, createdAt };
			entries.set(id, entry);
			return entry;
		},
		remove(id) {
			this.get(id);
			entries.delete(id);
		},
	};
}

/** The body as the fields of an entry. Throws what is wrong with it. */
async function readFields(request) {
	const chunks = [];
	let bytes = 0;
	for await (const chunk of request) {
		bytes += chunk.length;
		if (bytes > maxBodyBytes) throw new Problem(413, "The body is too large.");
		chunks.push(chunk);
	}
	let fields;
	try {
		fields = JSON.parse(Buffer.concat(chunks).toString());
	} catch {
		throw new Problem(400, "The body is not JSON.");
	}
	if (typeof fields !== "object" || fields === null || Array.isArray(fields)) throw new Problem(400, "The body is not an object.");
	if (typeof fields.name !== "string" || fields.name.trim() === "") throw new Problem(400, "“name” is missing.");
	return { ...fields, name: fields.name.trim() };
}

/** The service as a server that does not listen yet. */
function createApi({ name, resources }) {
	const stores = new Map(resources.map((resource) => [resource, createStore()]));

	async function answer(request) {
		const { pathname } = new URL(request.url, "http://service");
		if (pathname === "/health") return [200, { status: "ok", name }];
		const [, api, resource, id, ...more] = pathname.split("/");
		const store = api === "api" && more.length === 0 ? stores.get(resource) : undefined;
		if (!store) throw new Problem(404, "There is nothing at this address.");
		if (!id) {
			if (request.method === "GET") return [200, store.list()];
			if (request.method === "POST") return [201, store.create(await readFields(request))];
		} else {
			if (request.method === "GET") return [200, store.get(id)];
			if (request.method === "PUT") return [200, store.replace(id, await readFields(request))];
			if (request.method === "DELETE") return [204, store.remove(id)];
		}
		throw new Problem(405, "This address does not take " + request.method + ".");
	}

	return createServer(async (request, response) => {
		const page = request.method === "GET" && pages[request.url];
		if (page) {
			response.writeHead(200, { "content-type": page[1], "x-content-type-options": "nosniff" });
			return response.end(await readFile(join(__dirname, "page", page[0])));
		}
		const [status, body] = await answer(request).catch((error) => [error.status ?? 500, { error: error.status ? error.message : "Something went wrong." }]);
		response.writeHead(status, { "content-type": "application/json; charset=utf-8", "x-content-type-options": "nosniff" });
		response.end(status === 204 ? undefined : JSON.stringify(body) + "\\n");
	});
}

module.exports = { createApi };

if (require.main === module) createApi(require("./api.json")).listen(Number(env.PORT ?? 8080), env.HOST ?? "0.0.0.0");
`;

const apiTest = `"use strict";
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { after, before, test } = require("node:test");
const { createApi } = require("../server.js");
const { resources } = require("../api.json");

const server = createApi({ name: "Test", resources: ["things"] });
let origin;
before(async () => {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	origin = "http://127.0.0.1:" + server.address().port;
});
after(() => server.close());

async function call(method, path, body) {
	const answer = await fetch(origin + path, { method, ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }) });
	const text = await answer.text();
	return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
}

test("there is a resource at least, and its name fits an address", () => {
	assert.ok(resources.length > 0);
	for (const name of resources) assert.match(name, /^[a-z0-9-]+$/);
});

test("an entry is created, read, changed and deleted", async () => {
	const created = await call("POST", "/api/things", { name: " First ", size: 3 });
	assert.equal(created.status, 201);
	assert.equal(created.body.name, "First");
	const path = "/api/things/" + created.body.id;
	assert.deepEqual((await call("GET", path)).body, created.body);
	assert.deepEqual((await call("GET", "/api/things")).body, [created.body]);
	assert.deepEqual((await call("PUT", path, { name: "Second" })).body, { name: "Second", id: created.body.id, createdAt: created.body.createdAt });
	assert.equal((await call("DELETE", path)).status, 204);
	assert.equal((await call("GET", path)).status, 404);
});

test("wrong input is told, and changes nothing", async () => {
	for (const wrong of ["", "{", "[]", "null", '"text"', "{}", '{"name":""}', '{"name":7}']) {
		const { status, body } = await call("POST", "/api/things", wrong);
		assert.equal(status, 400, wrong);
		assert.equal(typeof body.error, "string");
	}
	assert.equal((await call("POST", "/api/things", JSON.stringify({ name: "x".repeat(70_000) }))).status, 413);
	assert.deepEqual((await call("GET", "/api/things")).body, []);
});

test("other addresses and methods are told apart", async () => {
	assert.equal((await call("GET", "/health")).body.status, "ok");
	assert.equal((await call("GET", "/api/nothing")).status, 404);
	assert.equal((await call("PATCH", "/api/things")).status, 405);
	assert.match(await (await fetch(origin + "/")).text(), /<h1>/);
});
`;

const apiStyles = `.service {
	padding-block: clamp(2rem, 6vw, 4.5rem);
}

.note {
	padding: 0.625rem 1rem;
	border-left: 4px solid var(--accent);
	background: var(--soft);
}

.resource {
	width: 100%;
	grid-template-columns: minmax(0, 1fr);
}

.resource ul {
	display: grid;
	gap: 0.25rem;
	margin: 0;
	padding: 0;
	list-style: none;
}

.resource b {
	display: inline-block;
	min-width: 4.5rem;
	color: var(--link);
	font-size: 0.875rem;
}

code {
	font: 0.9375rem/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}

pre {
	margin: 0;
	padding: 1rem;
	overflow-x: auto;
	border: 1px solid var(--line);
	border-radius: 0.625rem;
	background: var(--background);
}
`;
