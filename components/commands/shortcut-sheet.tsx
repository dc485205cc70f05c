"use client";
import { X } from "lucide-react";
import { useId, useSyncExternalStore } from "react";
import { Button } from "../ui/button.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { commandGroups } from "./command-store.ts";
import { KeyCaps } from "./key-caps.tsx";
import { Modal } from "./modal.tsx";
import { shortcutsEnabled } from "./shortcuts-enabled.ts";
import { useAllCommands } from "./use-commands.ts";

/** The keys that do something on this page, and the switch that makes them do nothing. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
	const commands = useAllCommands().filter(({ keys }) => keys);
	const enabled = useSyncExternalStore(shortcutsEnabled.subscribe, shortcutsEnabled.get, () => true);
	const id = useId();
	return (
		<Modal label="Keyboard shortcuts" onClose={onClose} className="max-w-2xl">
			<div className="flex items-center justify-between gap-4 border-border border-b py-2 pr-2 pl-5">
				<h2 className="font-semibold text-lg">Keyboard shortcuts</h2>
				<Button variant="ghost" size="icon" aria-label="Close" onClick={onClose}>
					<X aria-hidden="true" />
				</Button>
			</div>
			<section
				aria-label="Shortcuts of this page"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
				tabIndex={0}
				className="grid max-h-[65vh] gap-x-8 gap-y-5 overflow-y-auto p-5 sm:grid-cols-2"
			>
				{commandGroups.map((group) => {
					const inGroup = commands.filter((command) => command.group === group);
					return inGroup.length === 0 ? null : (
						<div key={group}>
							<h3 className="mb-1.5 font-medium text-muted-foreground text-sm">{group}</h3>
							<ul className="grid gap-1">
								{inGroup.map((command) => (
									<li key={command.id} className="flex min-h-7 items-center justify-between gap-4 text-sm">
										{command.title}
										<KeyCaps keys={command.keys ?? ""} />
									</li>
								))}
							</ul>
						</div>
					);
				})}
				<div>
					<h3 className="mb-1.5 font-medium text-muted-foreground text-sm">Everywhere</h3>
					<p className="flex min-h-7 items-center justify-between gap-4 text-sm">
						Search and commands
						<KeyCaps keys="Ctrl+K" />
					</p>
				</div>
			</section>
			<div className="flex items-start gap-2.5 border-border border-t px-5 py-3 text-sm">
				<Checkbox id={id} checked={enabled} onChange={(event) => shortcutsEnabled.set(event.target.checked)} />
				<label htmlFor={id}>
					Single keys do something <span className="text-muted-foreground">(Ctrl+K always does)</span>
				</label>
			</div>
		</Modal>
	);
}
