import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answers } from "#app/api/openapi.json/answers.ts";
import { createClient } from "#lib/client/client.ts";
import { artifactOf } from "#server/pipeline/artifacts.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

let api: TestApi;
let slug: string;
/** Two deployments of one project, the older one first. */
let ids: string[];
beforeAll(async () => {
	api = await startTestApi();
	const source = { type: "git", url: "https://git.example.com/acme/site" } as const;
	const made = [await api.admin.deployments.create({ source }), await api.admin.deployments.create({ source })];
	slug = made[0]?.deployment.project.slug ?? "";
	ids = made.map(({ deployment }) => deployment.id);
	const [first = "", second = ""] = ids;
	await keep(first, { "plan.json": "{}", "css/site.css": "a {}" });
	await keep(second, { "plan.json": "{}", "css/site.css": "b {}", "changes.diff": "--- a\n" });
});
afterAll(() => api.stop());

async function keep(id: string, files: Readonly<Record<string, string>>): Promise<void> {
	for (const [name, text] of Object.entries(files))
		await api.database.streams.write((writer) => artifactOf(id, { name, mediaType: "text/plain", text }).write(writer));
}
/** A path as it is written: `fetch` takes dots out of it before it sends anything. */
async function getRaw(path: string): Promise<{ status: number; body: string }> {
	const headers = { authorization: `Bearer ${api.token}` };
	const { port, hostname } = new URL(api.server.origin);
	const [answer] = (await once(request({ hostname, port, path, headers }).end(), "response")) as [IncomingMessage];
	return { status: answer.statusCode ?? 0, body: await text(answer) };
}
const get = (path: string, bearer = api.token) => fetch(`${api.server.origin}${path}`, { headers: { authorization: `Bearer ${bearer}` } });

describe("the files of deployments (R240)", () => {
	it("are listed and downloaded by themselves and together, each deployment's own", async () => {
		const [first = "", second = ""] = ids;
		expect((await api.admin.deployments.artifacts(second)).map(({ name }) => name)).toEqual(["changes.diff", "css/site.css", "plan.json"]);
		for (const [id, text] of [
			[first, "a {}"],
			[second, "b {}"],
		] as const) {
			const answer = await get(`/api/deployments/${id}/artifacts/${encodeURIComponent("css/site.css")}`);
			expect([await answer.text(), answer.headers.get("content-disposition")]).toEqual([text, "inline; filename*=UTF-8''css%2Fsite.css"]);
			const zip = unzipSync(new Uint8Array(await (await get(`/api/deployments/${id}/artifacts/archive`)).arrayBuffer()));
			expect(Buffer.from(zip["css/site.css"] ?? []).toString()).toBe(text);
		}
	});

	it("are known in all their versions, the newest first", async () => {
		const artifacts = await api.admin.projects.artifacts(slug);
		expect(answers.listProjectArtifacts?.safeParse({ artifacts })).toMatchObject({ success: true });
		const version = (number: number, text: string) => ({
			deploymentId: ids[number - 1],
			number,
			sha256: createHash("sha256").update(text).digest("hex"),
		});
		expect(artifacts).toMatchObject([
			{ name: "changes.diff", versions: [version(2, "--- a\n")] },
			{ name: "css/site.css", versions: [version(2, "b {}"), version(1, "a {}")] },
			{ name: "plan.json", versions: [version(2, "{}"), version(1, "{}")] },
		]);
	});

	it("are nobody else's", async () => {
		const bearer = await api.memberToken("bob@example.com");
		const member = createClient({ origin: api.server.origin, token: bearer });
		const refused = { code: "not_found", status: 404 };
		await expect(member.projects.artifacts(slug)).rejects.toMatchObject(refused);
		await expect(member.deployments.artifact(ids[0] ?? "", "plan.json")).rejects.toMatchObject(refused);
		expect((await get(`/api/deployments/${ids[0]}/artifacts/archive`, bearer)).status).toBe(404);
	});

	it.each([
		"../plan.json",
		"..%2f..%2f..%2f..%2fetc%2fpasswd",
		"%2e%2e%2f%2e%2e%2fetc%2fpasswd",
		"css%2f..%2fplan.json",
		"..%5c..%5cwindows%5cwin.ini",
		"%2fetc%2fpasswd",
		"file:%2f%2f%2fetc%2fpasswd",
		"plan.json%00.txt",
		"x".repeat(201),
	])("lead nowhere else: %s", async (name) => {
		const answer = await getRaw(`/api/deployments/${ids[0]}/artifacts/${name}`);
		expect(answer.status).toBe(404);
		expect(answer.body).not.toContain("root:");
	});

	it.each(["../x", "/etc/x", "a/../../x", "a//b", "a\\..\\x", "C:x", "a\0b", "", ".", "x".repeat(201)])(
		"are never kept under a name that leads out of a folder: %j",
		(name) => {
			expect(() => artifactOf("d", { name, mediaType: "text/plain", text: "" })).toThrow(RangeError);
		},
	);
});
