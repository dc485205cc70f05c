import Link from "next/link";

export function Breadcrumb({ trail, here }: { trail: { name: string; href: string }[]; here: string }) {
	return (
		<nav aria-label="Breadcrumb">
			<ol className="flex flex-wrap items-center gap-1.5 text-muted-foreground text-sm">
				{trail.map(({ name, href }) => (
					<li key={href} className="flex items-center gap-1.5">
						<Link href={href} className="py-0.5 underline-offset-4 hover:text-foreground hover:underline">
							{name}
						</Link>
						<span aria-hidden="true">/</span>
					</li>
				))}
				<li aria-current="page">{here}</li>
			</ol>
		</nav>
	);
}
