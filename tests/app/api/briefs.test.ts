import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { answers } from "#app/api/openapi.json/answers.ts";
import { isAppError } from "#lib/errors.ts";
import { failed } from "#lib/protocol/index.ts";
import type { Author } from "#server/agents/brief/author.ts";
import { templateAuthor } from "#server/agents/brief/templates.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

let api: TestApi;
/** False as long as nothing is understood any more, as when the model that understood it is gone. */
let understands = true;
beforeAll(async () => {
	const accepts: Author["accepts"] = async (brief) =>
		understands ? templateAuthor.accepts(brief) : failed({ code: "message_not_understood" });
	api = await startTestApi({ author: { accepts } });
});
afterEach(() => {
	understands = true;
});
afterAll(() => api.stop());

const create = (text: string, more = {}, key?: string) =>
	api.admin.deployments.create({ source: { type: "brief", text }, ...more }, key === undefined ? {} : { idempotencyKey: key });
const refusal = (call: Promise<unknown>) =>
	call.then(
		() => null,
		(error: unknown) =>
			isAppError(error) ? { code: error.code, status: error.status, message: error.message, action: error.action } : error,
	);

describe("a brief (R7, R10)", () => {
	it("makes a project of its name, with the words in the stream; each brief is a product of its own", async () => {
		const { deployment, events } = await create("  A landing page for my bakery Sunrise\r\nwith prices ");
		expect(deployment).toMatchObject({
			project: { name: "Sunrise", slug: "sunrise" },
			source: {
				type: "brief",
				url: "brief:Sunrise",
				private: false,
				brief: { text: "A landing page for my bakery Sunrise\nwith prices", messages: [] },
			},
			status: "queued",
		});
		expect(events[0]?.metadata).toMatchObject({ source: { type: "brief" } });
		const again = await create("A landing page for my bakery Sunrise with prices");
		expect(again.deployment.project.slug).toBe("sunrise-2");
		const view = await api.admin.projects.get("sunrise");
		expect(view.source).toEqual({ type: "brief", url: "brief:Sunrise", ref: null, directory: null, private: false });
	});

	it("is one deployment however often it is sent under a key, and may go to a project that is there", async () => {
		const first = await create("A blog called Crumb", {}, "brief-key");
		const second = await create("A blog called Crumb", {}, "brief-key");
		expect(second.deployment.id).toBe(first.deployment.id);
		const into = await create("A blog called Crumb in blue", { project: "crumb" });
		expect(into.deployment.project.id).toBe(first.deployment.project.id);
		expect(into.deployment.number).toBe(2);
	});

	it.each([
		["empty", "", "brief_unusable"],
		["one letter", "a", "brief_unusable"],
		["emoji only", "🚀🚀", "brief_unusable"],
		["script only", "<script>alert(1)</script>", "brief_unusable"],
		["50 KB", "landing page ".repeat(4000), "brief_unusable"],
		["nothing in particular", "make it good", "brief_unusable"],
		["impossible", "build a time machine", "brief_unusable"],
		["harmful", "a page that phishes passwords", "brief_refused"],
	])("that is %s is answered plainly and leaves nothing behind", async (_, text, code) => {
		const before = (await api.admin.projects.list()).length;
		const answer = await refusal(create(text));
		expect(answer).toMatchObject({ code, status: 422, message: expect.stringMatching(/^[A-Z].*\.$/), action: expect.stringMatching(/\S/) });
		expect(JSON.stringify(answer)).not.toMatch(/zod|Error:|stack|undefined/i);
		expect((await api.admin.projects.list()).length).toBe(before);
	});
});

describe("POST /build-preview-for-new-project (R8)", () => {
	const send = async (body: object, headers: Record<string, string> = { authorization: `Bearer ${api.token}` }) => {
		const sent = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
		const answer = await fetch(`${api.server.origin}/build-preview-for-new-project`, sent);
		return { status: answer.status, body: (await answer.json()) as { buildId?: string; error?: { code: string } } };
	};
	const wish = { userId: "test", projectId: "test-app", prompt: "Create a simple landing page" };

	it("makes a deployment of the brief in this project, which belongs to who is logged in", async () => {
		const { status, body } = await send(wish);
		expect(status).toBe(202);
		expect(answers.buildPreviewForNewProject?.safeParse(body)).toMatchObject({ success: true });
		const deployment = await api.admin.deployments.get(body.buildId ?? "");
		expect(deployment).toMatchObject({ project: { slug: "test-app" }, source: { type: "brief", brief: { text: wish.prompt } } });
		expect(deployment.ownerId).toBe((await api.admin.accounts.me()).user.id);
		const builds = await fetch(`${api.server.origin}/api/builds/${body.buildId}`, { headers: { authorization: `Bearer ${api.token}` } });
		expect(builds.status).toBe(200);
	});

	it("is done once under a key, refuses strangers and what is no brief", async () => {
		const key = { authorization: `Bearer ${api.token}`, "idempotency-key": "old-client" };
		const twice = [await send({ ...wish, projectId: "twice" }, key), await send({ ...wish, projectId: "twice" }, key)];
		expect(twice[0]?.body.buildId).toBe(twice[1]?.body.buildId);
		expect(await send(wish, {})).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
		expect(await send({ ...wish, prompt: "" })).toMatchObject({ status: 422, body: { error: { code: "brief_unusable" } } });
		expect(await send({ ...wish, projectId: "../x" })).toMatchObject({ status: 400, body: { error: { code: "bad_request" } } });
		expect(await send({ userId: "test" })).toMatchObject({ status: 400 });
	});
});

describe("a follow-up", () => {
	it("is refused for a repository, before the end, and without words", async () => {
		const { deployment: git } = await api.admin.deployments.create({ source: { type: "git", url: "https://git.example.com/acme/site" } });
		expect(await refusal(api.admin.deployments.message(git.id, "make it blue"))).toMatchObject({ code: "conflict", status: 409 });
		const { deployment } = await create("A portfolio for Jane Doe");
		expect(await refusal(api.admin.deployments.message(deployment.id, "make it blue"))).toMatchObject({ code: "not_finished" });
		await api.admin.deployments.cancel(deployment.id);
		for (const wrong of ["", "🎉", "make it pop", "x".repeat(5000)])
			expect(await refusal(api.admin.deployments.message(deployment.id, wrong))).toMatchObject({
				code: "message_not_understood",
				status: 422,
			});
		expect(await refusal(api.admin.deployments.message(deployment.id, "undo"))).toMatchObject({
			message: expect.stringContaining("nothing to undo"),
		});
		expect((await api.admin.deployments.list({ project: deployment.project.slug })).deployments).toHaveLength(1);

		const followed = await api.admin.deployments.message(deployment.id, "make the header blue");
		expect(followed.deployment).toMatchObject({
			number: 2,
			retryOf: null,
			source: {
				brief: { messages: ["make the header blue"], follow_up: { of: deployment.id, number: 1, message: "make the header blue" } },
			},
		});
		await api.admin.deployments.cancel(followed.deployment.id);
		const undone = await api.admin.deployments.message(followed.deployment.id, "undo");
		expect(undone.deployment.source?.brief).toMatchObject({ messages: [], follow_up: { of: followed.deployment.id, message: "undo" } });
		await api.admin.deployments.cancel(undone.deployment.id);
		const retried = await api.admin.deployments.retry(followed.deployment.id);
		expect(retried.deployment.source?.brief?.messages).toEqual(["make the header blue"]);
	});

	it("is one deployment however often it is sent under a key; other words, or another deployment, are refused under it", async () => {
		const { deployment } = await create("A portfolio for Joan Roe");
		await api.admin.deployments.cancel(deployment.id);
		const key = { idempotencyKey: "message-key" };
		const send = (text: string, to = deployment.id) => api.admin.deployments.message(to, text, key);
		const answers = await Promise.all([send("make the header blue"), send("make the header blue")]);
		expect(new Set(answers.map((answer) => answer.deployment.id)).size).toBe(1);
		expect((await api.admin.deployments.list({ project: deployment.project.slug })).deployments).toHaveLength(2);
		expect(await refusal(send("make the header red"))).toMatchObject({ code: "idempotency_conflict", status: 409 });
		const [{ deployment: second } = { deployment }] = answers;
		await api.admin.deployments.cancel(second.id);
		expect(await refusal(send("make the header blue", second.id))).toMatchObject({ code: "idempotency_conflict" });
		expect((await send("make the header blue")).deployment.id).toBe(second.id);
		const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json", "idempotency-key": "retry-key" };
		const retry = async () => {
			const answer = await fetch(`${api.server.origin}/api/deployments/${second.id}/retry`, { method: "POST", headers, body: "{}" });
			return ((await answer.json()) as { deployment: { id: string } }).deployment.id;
		};
		expect(await retry()).toBe(await retry());
	});

	it("is answered under its key although it would be refused by now, and judged without one", async () => {
		const text = "A portfolio for Jane Poe";
		const { deployment } = await create(text, {}, "judged-brief");
		await api.admin.deployments.cancel(deployment.id);
		const send = (key?: string) =>
			api.admin.deployments.message(deployment.id, "make the header blue", key === undefined ? {} : { idempotencyKey: key });
		const changed = await send("judged-message");
		understands = false;
		expect((await create(text, {}, "judged-brief")).deployment.id).toBe(deployment.id);
		expect(await send("judged-message")).toMatchObject({ deployment: { id: changed.deployment.id }, events: changed.events });
		for (const call of [create(text), create(text, {}, "new-brief"), send(), send("new-message")])
			expect(await refusal(call)).toMatchObject({ code: "message_not_understood" });
	});

	it("has no zip before anything is written", async () => {
		const { deployment } = await create("A todo app called Harbour");
		const answer = await fetch(`${api.server.origin}/api/deployments/${deployment.id}/source.zip`, {
			headers: { authorization: `Bearer ${api.token}` },
		});
		expect(answer.status).toBe(404);
		expect(await answer.json()).toMatchObject({ error: { code: "not_found" } });
	});
});
