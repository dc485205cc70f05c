"use client";
import { CircleUser, LogOut, Server, Settings } from "lucide-react";
import Link from "next/link";
import type { UserView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { buttonVariants } from "../ui/button-variants.ts";
import { Popover } from "../ui/popover.tsx";

const item = "flex min-h-9 w-full items-center gap-2 rounded-sm px-2 text-left hover:bg-sunken pointer-coarse:min-h-11 [&_svg]:size-4";

export function AccountMenu({ user }: { user: UserView }) {
	return (
		<Popover
			title={`Account of ${user.name}`}
			label={<CircleUser aria-hidden="true" />}
			buttonClassName={buttonVariants({ variant: "ghost", size: "icon" })}
		>
			{(close) => (
				<>
					<p className="px-2 py-1.5 text-muted-foreground text-xs">
						<span className="block font-medium text-foreground text-sm">{user.name}</span>
						{user.email}
					</p>
					<ul className="border-border border-t pt-1">
						<li>
							<Link href="/settings" className={item} onClick={close}>
								<Settings aria-hidden="true" />
								Settings
							</Link>
						</li>
						<li>
							<Link href="/system" className={item} onClick={close}>
								<Server aria-hidden="true" />
								System
							</Link>
						</li>
						<li>
							<button type="button" className={item} onClick={() => void leave()}>
								<LogOut aria-hidden="true" />
								Log out
							</button>
						</li>
					</ul>
				</>
			)}
		</Popover>
	);
}

/** A full load after the logout, so that nothing of the session stays in memory. */
export async function leave(): Promise<void> {
	await client.accounts.logout().catch(() => undefined);
	window.location.assign("/login");
}
