import { Anchor, CodeXml, DraftingCompass, FlaskConical, ScanSearch } from "lucide-react";
import type { AgentName } from "#lib/protocol/index.ts";

const icons = { Analyst: ScanSearch, Architect: DraftingCompass, Developer: CodeXml, Tester: FlaskConical, Deployer: Anchor };

export function AgentIcon({ name, className }: { name: AgentName; className?: string }) {
	const Icon = icons[name];
	return <Icon aria-hidden="true" className={className} />;
}
