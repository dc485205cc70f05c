/** Names and values, side by side where there is room. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: string])[] }) {
	return (
		<dl className="flex flex-wrap gap-x-8 gap-y-3 tabular-nums">
			{facts.map(([name, value]) => (
				<div key={name} className="min-w-0">
					<dt className="text-muted-foreground text-xs">{name}</dt>
					<dd className="break-words text-sm">{value}</dd>
				</div>
			))}
		</dl>
	);
}
