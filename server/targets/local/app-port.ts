import type { Plan } from "../../../lib/protocol/index.ts";
import type { SandboxHost } from "../../exec/layout.ts";

/** Every app has the network of its sandbox for itself, so all may have the same port. */
export const sandboxPort = 8080;

/** The port an app is asked on; null where each start gets another one. */
export function appPort(plan: Plan, { isolation }: Pick<SandboxHost, "isolation">): number | null {
	return plan.port ?? (isolation === "none" ? null : sandboxPort);
}
