import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, it } from "vitest";

/** A network of its own with nothing in it but loopback. */
const alone = ["--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", "--"];
const possible = spawnSync("bwrap", [...alone, "true"]).status === 0;
const script = fileURLToPath(new URL("../support/deploy-examples.ts", import.meta.url));

it.skipIf(!possible)(
	"without any network the dashboard answers and the two examples that need none go live (R270)",
	{ timeout: 120_000 },
	async () => {
		const { stdout } = await execa("bwrap", [...alone, process.execPath, script, "example:static-site", "example:node-server"]);
		expect(JSON.parse(stdout)).toEqual([
			{ url: "example:static-site", status: "succeeded", error: null, preview: 200 },
			{ url: "example:node-server", status: "succeeded", error: null, preview: 200 },
		]);
	},
);
