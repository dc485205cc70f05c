/** Started by `start-sandbox.ts` as another user: opens a sandbox and carries out what it is sent. */
import { openSandbox } from "#server/exec/open-sandbox.ts";
import type { FromProcess, ToProcess } from "./start-sandbox.ts";

const [home = "", isolation, reserveBytes] = process.argv.slice(2);
const say = (message: FromProcess) => void process.send?.(message);
const quiet = { info() {}, warn() {} };
const extraCaFile = process.env.NODE_EXTRA_CA_CERTS ?? null;
const sandbox = await openSandbox({
	home,
	isolation: isolation === "none" ? "none" : "bubblewrap",
	nodePath: process.execPath,
	extraCaFile,
	log: quiet,
	...(reserveBytes ? { reserveBytes: Number(reserveBytes) } : {}),
});
const controllers = new Map<number, AbortController>();

process.on("message", async ({ id, run, abort, prepare, endMarked }: ToProcess) => {
	try {
		if (abort) controllers.get(id)?.abort();
		if (prepare) say({ id, prepared: await sandbox.prepareWritable(prepare).then(() => true) });
		if (endMarked) say({ id, proof: await sandbox.endMarked(endMarked) });
		if (!run) return;
		const controller = new AbortController();
		controllers.set(id, controller);
		const result = await sandbox.run({
			...run,
			signal: controller.signal,
			onOutput: (chunk, from) => say({ id, output: chunk.toString("latin1"), from }),
		});
		say({ id, result });
	} catch (error) {
		say({ id, error: { code: (error as { code?: string }).code ?? "", message: String(error) } });
	}
});
process.on("disconnect", () => process.exit(0));
say({ id: 0, ready: { problem: sandbox.problem, user: sandbox.host.user, uid: process.getuid?.() ?? -1 } });
