"use client";
import { useMutation } from "@tanstack/react-query";
import { KeyRound, Lock } from "lucide-react";
import { useRouter } from "next/navigation";
import { client } from "../client.ts";
import { CallFailure } from "../shell/call-failure.tsx";

interface PrivateHintProps {
	/** What is to be deployed by ssh; null for every other address. */
	source: { url: string; ref: string; directory: string } | null;
}

/** How a private repository is opened. For an ssh address its key can be had before the first deployment. */
export function PrivateHint({ source }: PrivateHintProps) {
	const router = useRouter();
	const make = useMutation({
		mutationFn: ({ url, ref, directory }: NonNullable<PrivateHintProps["source"]>) =>
			client.projects.create({ source: { type: "git", url, ...(ref && { ref }), ...(directory && { directory }) } }),
		onSuccess: ({ slug }) => router.push(`/projects/${slug}?tab=source`),
	});
	if (source === null) {
		return (
			<p className="flex min-h-10 items-start gap-1.5 text-muted-foreground text-xs">
				<Lock aria-hidden="true" className="size-4 shrink-0" />
				For a private repository give an access token that may read it: it is kept encrypted and never shown again. Or use its ssh address.
			</p>
		);
	}
	const busy = make.isPending || make.isSuccess;
	return (
		<div className="grid gap-2" data-ssh-hint>
			<p className="flex min-h-10 items-start gap-1.5 text-muted-foreground text-xs">
				<KeyRound aria-hidden="true" className="size-4 shrink-0" />
				<span>
					An ssh address is read with a deploy key, which Quayside makes for the project. The repository has to know it first:{" "}
					<button
						type="button"
						aria-disabled={busy}
						className="py-0.5 text-info underline underline-offset-4"
						onClick={() => !busy && make.mutate(source)}
					>
						{busy ? "making the key…" : "make the project and show me its key"}
					</button>
					.
				</span>
			</p>
			<CallFailure error={make.error} />
		</div>
	);
}
