"use client";
import { Search } from "lucide-react";
import { createContext, lazy, type ReactNode, Suspense, useContext, useEffect, useState } from "react";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Button } from "../ui/button.tsx";
import { createCommandStore } from "./command-store.ts";
import { createKeyReader, isFreeKey, isPaletteKey } from "./key-reader.ts";
import { shortcutsEnabled } from "./shortcuts-enabled.ts";
import { CommandContext, useCommands } from "./use-commands.ts";

// Both come as scripts of their own, when somebody opens them; the palette already when Ctrl is held, so that no letter typed after it is lost.
const loadPalette = () => import("./command-palette.tsx").then((module) => ({ default: module.CommandPalette }));
const CommandPalette = lazy(loadPalette);
const ShortcutSheet = lazy(() => import("./shortcut-sheet.tsx").then((module) => ({ default: module.ShortcutSheet })));

type Shown = "palette" | "sheet" | null;
const OpenContext = createContext<(shown: Shown) => void>(() => {});

/** Makes everything below reachable by keyboard: single keys, the palette (Ctrl+K) and the sheet of shortcuts (?). */
export function CommandsProvider({ children }: { children: ReactNode }) {
	const [store] = useState(createCommandStore);
	const [shown, setShown] = useState<Shown>(null);

	useEffect(() => {
		const keys = createKeyReader();
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.key === "Control" || event.key === "Meta") void loadPalette();
			if (isPaletteKey(event)) {
				event.preventDefault();
				setShown((now) => (now === "palette" ? null : "palette"));
				return;
			}
			if (!isFreeKey(event) || !shortcutsEnabled.get()) return;
			const found = keys.read(event.key, store.all(), event.timeStamp);
			if (found === null) return;
			event.preventDefault();
			if (found !== "pending") found.run();
		};
		window.addEventListener("keydown", onKeyDown);
		return () => window.removeEventListener("keydown", onKeyDown);
	}, [store]);

	const close = () => setShown(null);
	return (
		<CommandContext value={store}>
			<OpenContext value={setShown}>
				{children}
				<OfferSheet onOpen={() => setShown("sheet")} />
				{shown !== null && (
					<PanelBoundary what={shown === "palette" ? "list of commands" : "list of shortcuts"}>
						<Suspense fallback={null}>
							{shown === "palette" ? <CommandPalette onClose={close} /> : <ShortcutSheet onClose={close} />}
						</Suspense>
					</PanelBoundary>
				)}
			</OpenContext>
		</CommandContext>
	);
}

function OfferSheet({ onOpen }: { onOpen: () => void }): null {
	useCommands([{ id: "shortcuts", title: "Keyboard shortcuts", group: "Quayside", keys: "?", also: "help keys hotkeys", run: onOpen }]);
	return null;
}

/** Opens the palette, for those who point. */
export function PaletteButton() {
	const open = useContext(OpenContext);
	return (
		<Button
			variant="ghost"
			size="icon"
			title="Search and commands (Ctrl+K)"
			aria-keyshortcuts="Control+K Meta+K"
			onClick={() => open("palette")}
		>
			<Search aria-hidden="true" />
			<span className="sr-only">Search and commands</span>
		</Button>
	);
}
