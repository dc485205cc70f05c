/** Keys as they stand on a keyboard: `g p` is one after the other. */
export function KeyCaps({ keys }: { keys: string }) {
	return (
		<span className="flex shrink-0 items-center gap-1 text-muted-foreground text-xs">
			{keys.split(" ").map((key) => (
				<kbd key={key} className="grid min-h-5 min-w-5 place-items-center rounded-sm border border-input bg-sunken px-1 font-mono">
					{nameOf(key)}
				</kbd>
			))}
		</span>
	);
}

function nameOf(key: string): string {
	return /^[A-Z]$/.test(key) ? `Shift ${key}` : key;
}
