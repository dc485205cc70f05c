"use client";
import { useId, useSyncExternalStore } from "react";
import { type DesktopState, desktop } from "../notifications/desktop.ts";
import { Checkbox } from "../ui/checkbox.tsx";
import { Panel } from "../ui/panel.tsx";

const about: Readonly<Record<DesktopState, string>> = {
	unsupported: "This browser cannot show desktop notifications.",
	blocked: "This browser refuses them for this address. Allow notifications in its settings for the site, then reload.",
	ask: "The browser will ask you once.",
	off: "The browser will ask you once, unless you have allowed it before.",
	on: "Shown when no tab of Quayside is in front. Only in this browser.",
};

/** Whether the desktop tells that a deployment ended, failed, or needs somebody. */
export function NotificationPanel() {
	const state = useSyncExternalStore(desktop.subscribe, desktop.state, () => "off" as const);
	const id = useId();
	return (
		<Panel title="Notifications" className="p-5">
			<div className="flex items-start gap-2.5">
				<Checkbox
					id={id}
					aria-describedby={`${id}-about`}
					checked={state === "on"}
					disabled={state === "unsupported" || state === "blocked"}
					onChange={(event) => (event.target.checked ? void desktop.enable() : desktop.disable())}
				/>
				<label htmlFor={id} className="text-sm">
					Tell me on the desktop when a deployment has ended or an app has crashed
				</label>
			</div>
			<p id={`${id}-about`} className="mt-1.5 ml-[1.875rem] text-muted-foreground text-sm">
				{about[state]}
			</p>
		</Panel>
	);
}
