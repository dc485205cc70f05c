"use client";
import { CircleUser, LogOut, Settings } from "lucide-react";
import Link from "next/link";
import type { UserView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Button } from "../ui/button.tsx";
import {
	DropdownMenu,
	DropdownMenuContent,
	DropdownMenuItem,
	DropdownMenuLabel,
	DropdownMenuSeparator,
	DropdownMenuTrigger,
} from "../ui/dropdown-menu.tsx";

export function AccountMenu({ user }: { user: UserView }) {
	return (
		<DropdownMenu>
			<DropdownMenuTrigger asChild>
				<Button variant="ghost" size="icon" title="Account">
					<CircleUser aria-hidden="true" />
					<span className="sr-only">Account of {user.name}</span>
				</Button>
			</DropdownMenuTrigger>
			<DropdownMenuContent>
				<DropdownMenuLabel>
					<span className="block font-medium text-foreground text-sm">{user.name}</span>
					{user.email}
				</DropdownMenuLabel>
				<DropdownMenuSeparator />
				<DropdownMenuItem asChild>
					<Link href="/settings">
						<Settings aria-hidden="true" />
						Settings
					</Link>
				</DropdownMenuItem>
				<DropdownMenuItem onSelect={() => void leave()}>
					<LogOut aria-hidden="true" />
					Log out
				</DropdownMenuItem>
			</DropdownMenuContent>
		</DropdownMenu>
	);
}

/** A full load after the logout, so that nothing of the session stays in memory. */
export async function leave(): Promise<void> {
	await client.accounts.logout().catch(() => undefined);
	window.location.assign("/login");
}
