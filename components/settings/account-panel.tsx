"use client";
import { LogOut } from "lucide-react";
import type { UserView } from "#lib/protocol/index.ts";
import { leave } from "../shell/account-menu.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";

export function AccountPanel({ user }: { user: UserView }) {
	return (
		<Card className="flex flex-wrap items-center justify-between gap-4 p-5">
			<div className="min-w-0">
				<h2 className="font-semibold">Account</h2>
				<p className="mt-1 break-words text-sm">
					{user.name}, {user.email}
				</p>
				<p className="text-muted-foreground text-sm">{user.role === "admin" ? "Administrator" : "Member"}</p>
			</div>
			<Button variant="outline" onClick={() => void leave()}>
				<LogOut aria-hidden="true" />
				Log out
			</Button>
		</Card>
	);
}
