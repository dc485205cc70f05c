import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "#lib/client/client.ts";
import { foldAll } from "#lib/deployment/fold.ts";
import type { CreateDeployment } from "#lib/protocol/index.ts";
import { runCli } from "#tests/support/cli.ts";
import { followToEnd, getDeployment, getPreview, waitForEvent } from "#tests/support/deployments.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
beforeAll(async () => {
	platform = await startPlatform();
}, 120_000);
afterAll(() => platform?.stop());

const clientOf = (token = platform.token) => createClient({ origin: platform.url, token });

async function submit(url: string, approvals: CreateDeployment["approvals"]): Promise<string> {
	const { deployment } = await clientOf().deployments.create({ source: { type: "git", url }, approvals });
	return deployment.id;
}

const asked = (id: string, kind: "plan" | "deploy") =>
	waitForEvent(platform, id, (event) => event.type === "approval_requested" && event.metadata.kind === kind);

describe("kill -9 while a deployment waits for a person", () => {
	it("loses nothing: it still waits, nothing was released, and the answer is carried out", { timeout: 180_000 }, async () => {
		const id = await submit("example:node-server", "all");
		await asked(id, "plan");
		await platform.kill9();
		await platform.restart();
		const waiting = await getDeployment(platform, id);
		expect(waiting).toMatchObject({ status: "waiting", approvals: [{ id: "plan-1", status: "pending" }] });

		await clientOf().deployments.answer(id, "plan-1", { decision: "approve" });
		await asked(id, "deploy");
		await platform.kill9();
		await platform.restart();
		expect(await getDeployment(platform, id)).toMatchObject({ status: "waiting", previewUrl: null, release: null });
		expect(await clientOf().projects.releases(waiting.project.slug)).toEqual([]);

		await clientOf().deployments.answer(id, "deploy-1", { decision: "approve" });
		const events = await followToEnd(platform, id);
		const { activity: _, epoch: __, ...state } = await getDeployment(platform, id);
		expect(state).toMatchObject({ status: "succeeded", approvals: [{ status: "approved" }, { status: "approved" }] });
		expect(events.filter(({ type }) => type === "approval_requested")).toHaveLength(2);
		expect(foldAll(id, events)).toEqual(state);
		expect((await getPreview(state.previewUrl ?? "")).status).toBe(200);
	});
});

describe("the deploy of a project that is live", () => {
	it("says what would change, by name and never by value, as things stand now", { timeout: 120_000 }, async () => {
		const first = await submit("example:node-server", "none");
		await followToEnd(platform, first);
		const { project } = await getDeployment(platform, first);
		await clientOf().projects.setEnv(project.slug, { name: "GREETING", value: "before-5c1f", scope: "runtime" });
		const second = await submit("example:node-server", "deploy");
		await asked(second, "deploy");
		await clientOf().projects.setEnv(project.slug, { name: "API_KEY", value: "secret-77aa", secret: true, scope: "runtime" });
		const { changes } = await clientOf().deployments.approval(second, "deploy-1");
		expect(changes).toMatchObject({
			target: "local",
			live: { number: expect.any(Number) },
			env: { added: ["API_KEY", "GREETING"], removed: [], changed: [] },
		});
		expect(JSON.stringify(changes)).not.toMatch(/before-5c1f|secret-77aa/);
		await clientOf().deployments.answer(second, "deploy-1", { decision: "reject", note: "Not today" });
		expect(await getDeployment(platform, second)).toMatchObject({ status: "cancelled", release: null });
		expect(await clientOf().projects.get(project.slug)).toMatchObject({ releaseStatus: "live" });
	});
});

describe("a changed plan", () => {
	it("is worked out from the stored files; one that cannot be carried out is refused and the question stays", {
		timeout: 120_000,
	}, async () => {
		const id = await submit("example:node-server", "plan");
		await asked(id, "plan");
		const edit = (change: object) => clientOf().deployments.answer(id, "plan-1", { decision: "approve", edit: change });
		await expect(edit({ node: "not-a-version" })).rejects.toMatchObject({
			code: "config_invalid",
			message: expect.stringContaining("The approver's change"),
		});
		await expect(edit({ output: "../../etc" })).rejects.toMatchObject({ code: "bad_request" });
		await expect(edit({ port: "80; rm -rf /" })).rejects.toMatchObject({ code: "bad_request" });
		expect(await getDeployment(platform, id)).toMatchObject({ status: "waiting" });
		const answered = await edit({ env: { MODE: "careful" }, healthPath: "/" });
		expect(answered.plan).toMatchObject({ env: { MODE: "careful" } });
		expect(answered.approvals).toMatchObject([{ status: "approved", edited: true }]);
		await followToEnd(platform, id);
		expect((await getDeployment(platform, id)).status).toBe("succeeded");
	});
});

describe("an API token", () => {
	it("answers only where its person allows it, and cannot go around that", { timeout: 120_000 }, async () => {
		const weak = clientOf((await clientOf().accounts.createToken({ name: "ci", expiresInDays: 1 })).token);
		const strong = clientOf((await clientOf().accounts.createToken({ name: "release", expiresInDays: 1, mayApprove: true })).token);
		const id = await submit("example:static-site", "deploy");
		await asked(id, "deploy");
		const { project } = await getDeployment(platform, id);
		await clientOf().projects.setSettings(project.slug, { approvals: "deploy" });

		await expect(weak.deployments.answer(id, "deploy-1", { decision: "approve" })).rejects.toMatchObject({ code: "forbidden" });
		for (const less of [{}, { approvals: "deploy", fixes: "automatic" }] as const)
			await expect(weak.projects.setSettings(project.slug, less)).rejects.toMatchObject({ code: "forbidden" });
		await expect(weak.accounts.createToken({ name: "more", expiresInDays: 1, mayApprove: true })).rejects.toMatchObject({
			code: "forbidden",
		});
		const around = await weak.deployments.create({ source: { type: "git", url: "example:static-site" }, approvals: "none" });
		expect(around.deployment.approvalPolicy).toBe("deploy");
		await weak.deployments.cancel(around.deployment.id);

		expect((await strong.deployments.answer(id, "deploy-1", { decision: "approve" })).approvals).toMatchObject([{ by: { via: "token" } }]);
		await followToEnd(platform, id);
		await strong.projects.setSettings(project.slug, {});
	});
});

describe("the command line", () => {
	const cli = (args: readonly string[]) => runCli(args, { env: { QUAYSIDE_URL: platform.url, QUAYSIDE_TOKEN: platform.token } });

	it("deploys, says that it waits for a person, and goes on when “approve” answers", { timeout: 120_000 }, async () => {
		let answering: ReturnType<typeof cli> | null = null;
		const deploying = runCli(["deploy", "example:static-site", "--project", "approved-site", "--approvals", "deploy"], {
			env: { QUAYSIDE_URL: platform.url, QUAYSIDE_TOKEN: platform.token },
			onOutput: (_, printed) => {
				const [, id] = /Answer it: quayside approve (\w{26})/.exec(printed) ?? [];
				if (id) answering ??= cli(["approve", id, "--note", "Go"]);
			},
		});
		const { code, stdout } = await deploying;
		expect(stdout).toMatch(/^! deploy +Waiting for a person to approve the deploy/m);
		expect(stdout).toMatch(/^• deploy +.* approved the deploy: Go\.$/m);
		expect(code).toBe(0);
		expect(await answering).toMatchObject({ code: 0, stdout: "Approved: the deploy of approved-site #1\n" });
	});

	it("shows what is asked, rejects, and “wait” ends with 3 and the reason", { timeout: 120_000 }, async () => {
		const id = await submit("example:static-site", "plan");
		await asked(id, "plan");
		expect((await cli(["approve", id, "--show"])).stdout).toMatch(/approve the plan\..*\n +Static site|Detected/);
		expect(await cli(["approve", id, "--reject", "--edit", "x.json"])).toMatchObject({ code: 2 });
		expect(await cli(["approve", id, "--reject", "--note", "Wrong folder"])).toMatchObject({ code: 0 });
		const waited = await cli(["wait", id]);
		expect(waited.code).toBe(3);
		expect(waited.stdout).toMatch(/^Cancelled\. .* rejected the plan: Wrong folder\.$/m);
		const again = await cli(["approve", id]);
		expect(again.code).toBe(1);
		expect(again.stderr).toContain("waits for your answer");
	});
});
