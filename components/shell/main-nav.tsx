"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { cn } from "../ui/cn.ts";
import { LinkPending } from "./link-pending.tsx";
import { places } from "./places.ts";

export function MainNav({ className }: { className?: string }) {
	const path = usePathname();
	return (
		<nav aria-label="Main" className={className}>
			<ul className="flex">
				{places
					.filter(({ isMain }) => isMain)
					.map(({ href, name, owns }) => {
						const here = owns.test(path);
						return (
							<li key={href}>
								<Link
									href={href}
									aria-current={here ? "page" : undefined}
									className={cn(
										"relative flex h-11 items-center border-transparent border-b-2 px-2 text-muted-foreground text-sm hover:text-foreground sm:px-3 lg:h-14",
										here && "border-primary-edge font-medium text-foreground",
									)}
								>
									{name}
									<LinkPending className="absolute right-0 bottom-1 left-0 mx-auto" />
								</Link>
							</li>
						);
					})}
			</ul>
		</nav>
	);
}
