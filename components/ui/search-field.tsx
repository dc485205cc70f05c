import { Search } from "lucide-react";
import type { ComponentProps } from "react";
import { Input } from "./input.tsx";

/** A field to search with, as high as the buttons of a toolbar. */
export function SearchField(props: ComponentProps<typeof Input>) {
	return (
		<div className="relative min-w-40 flex-1 sm:max-w-72">
			<Search aria-hidden="true" className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted-foreground" />
			<Input type="search" className="py-[5px] pl-8 pointer-coarse:py-[9px]" {...props} />
		</div>
	);
}
