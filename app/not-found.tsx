import type { Metadata } from "next";
import Link from "next/link";
import { Notice } from "#components/shell/notice.tsx";
import { Button } from "#components/ui/button.tsx";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
	return (
		<main>
			<Notice
				title="There is nothing here"
				action={
					<Button asChild>
						<Link href="/">To the overview</Link>
					</Button>
				}
			>
				Nothing at this address that you can see. It may have been removed, or it belongs to somebody else.
			</Notice>
		</main>
	);
}
