"use client";
import { type ComponentProps, Suspense, useEffect, useState } from "react";

/**
 * A part of a page whose script comes on its own. What the server rendered of it stands there before React has taken it over, and says
 * so: `keepEarlyInput` waits for that.
 */
export function Late({ fallback, children }: ComponentProps<typeof Suspense>) {
	const [alive, setAlive] = useState(false);
	return (
		<div data-late={alive ? undefined : ""} className="contents min-h-[inherit]">
			<Suspense fallback={fallback}>
				<Alive onAlive={setAlive} />
				{children}
			</Suspense>
		</div>
	);
}

/** Is taken over together with everything beside it. */
function Alive({ onAlive }: { onAlive: (alive: boolean) => void }) {
	useEffect(() => onAlive(true), [onAlive]);
	return null;
}

/** Marks the rest of the page as taken over. Belongs into the root layout. */
export function PageAlive() {
	useEffect(() => {
		document.documentElement.removeAttribute("data-late");
	}, []);
	return null;
}
