import { ArrowDownToLine } from "lucide-react";
import { Button } from "../../ui/button.tsx";
import type { Follow } from "./use-follow.ts";

/** Leads a reader who has left the end of a log back to it, and says how much came meanwhile. */
export function JumpToLatest({ follow, longer }: { follow: Follow; longer: boolean }) {
	if (follow.following || (follow.unseen === 0 && !longer)) return null;
	return (
		<Button size="sm" variant="outline" className="absolute right-4 bottom-4 shadow-md" onClick={follow.jump}>
			<ArrowDownToLine aria-hidden="true" />
			Jump to latest{follow.unseen > 0 && ` (${follow.unseen} new)`}
		</Button>
	);
}
