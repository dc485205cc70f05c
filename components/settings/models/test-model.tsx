"use client";
import { Check, CircleAlert } from "lucide-react";
import type { ModelTest } from "#lib/protocol/index.ts";
import { ServerButton } from "../../live/server-button.tsx";
import { CallFailure } from "../../shell/call-failure.tsx";
import { useChangeModels } from "./use-models.ts";

/** Asks the model a few small things, and says what came of it. */
export function TestModel({ reference }: { reference: string }) {
	const { test } = useChangeModels();
	return (
		<div className="flex flex-wrap items-center gap-3">
			<ServerButton variant="outline" size="sm" disabled={test.isPending} onClick={() => test.mutate(reference)}>
				{test.isPending ? "Asking the model…" : "Test model"}
				<span className="sr-only"> {reference}</span>
			</ServerButton>
			<output className="min-w-0 flex-1 basis-56 text-sm">{test.data && <Result test={test.data} />}</output>
			<CallFailure error={test.error} className="w-full" />
		</div>
	);
}

function Result({ test: { ok, durationMs, firstTokenMs, problem } }: { test: ModelTest }) {
	if (ok)
		return (
			<span className="flex items-start gap-1.5 text-success">
				<Check aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
				It works: first word after {seconds(firstTokenMs ?? durationMs)}, all after {seconds(durationMs)}.
			</span>
		);
	return (
		<span className="flex items-start gap-1.5 text-danger">
			<CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
			<span className="min-w-0 break-words">
				{problem?.message} {problem?.action}
				{problem?.detail && (
					<details className="mt-1 text-muted-foreground text-xs">
						<summary>Technical details</summary>
						{problem.detail}
					</details>
				)}
			</span>
		</span>
	);
}

function seconds(ms: number): string {
	return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
}
