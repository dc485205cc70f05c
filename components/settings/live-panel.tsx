"use client";
import Link from "next/link";
import { LiveSwitch } from "../live/live-switch.tsx";
import { Card } from "../ui/card.tsx";

/** Whether pages keep themselves up to date, in this browser. */
export function LivePanel() {
	return (
		<Card className="grid gap-2 p-5">
			<LiveSwitch className="[&>span:first-child]:font-semibold [&>span:first-child]:text-base" />
			<p className="text-muted-foreground text-sm">
				Pages of this browser show what happens as it happens. Switched off, they keep no connection at all, and Refresh at the top fetches
				what is new.{" "}
				<Link href="/system/connection" className="text-info underline underline-offset-4">
					Test the connection
				</Link>
			</p>
		</Card>
	);
}
