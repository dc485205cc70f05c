"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Check, Pencil, X } from "lucide-react";
import { useId, useState } from "react";
import type { AnswerApproval, ApprovalKind } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { OfferCommands } from "../commands/use-commands.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { Textarea } from "../ui/input.tsx";
import { Label } from "../ui/label.tsx";
import { approvalWords } from "./words.ts";

interface ApprovalActionsProps {
	deploymentId: string;
	approval: { id: string; kind: ApprovalKind };
	/** "web-shop #3" */
	name: string;
	/** Opens the form in which the plan is changed and approved. */
	onEdit?: () => void;
	/** Told of an answer that was refused: where the question may be gone by then. */
	onRefused?: (error: Error) => void;
	/** Offers them in the palette and by key: on a page that asks one thing alone. */
	keys?: boolean;
}

/** Sends an answer; what everybody's lists show follows. */
export function useAnswer(deploymentId: string, approvalId: string, onRefused?: (error: Error) => void) {
	const queries = useQueryClient();
	return useMutation({
		mutationFn: (answer: AnswerApproval) => client.deployments.answer(deploymentId, approvalId, answer),
		onError: onRefused,
		// Also after a refusal: somebody else may have been first.
		onSettled: () => queries.invalidateQueries({ queryKey: ["lists"] }),
	});
}

/** Approve, change and approve, or reject: each after a question, with a note for those who read it later. */
export function ApprovalActions({ deploymentId, approval, name, onEdit, onRefused, keys = false }: ApprovalActionsProps) {
	const { id, kind } = approval;
	const { subject, approved, rejected } = approvalWords[kind];
	const [note, setNote] = useState("");
	const noteId = useId();
	const answer = useAnswer(deploymentId, id, onRefused);
	const queries = useQueryClient();
	const busy = answer.isPending || answer.isSuccess;
	const send = (decision: AnswerApproval["decision"]) => answer.mutate({ decision, ...(note.trim() !== "" && { note: note.trim() }) });
	const noteField = (of: string) => (
		<div className="mt-4 grid gap-1.5">
			<Label htmlFor={`${noteId}-${of}`}>Note (optional)</Label>
			<Textarea id={`${noteId}-${of}`} maxLength={2000} rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
		</div>
	);
	const command = (which: string, title: string, run: () => void, key?: string) =>
		keys && !busy ? <OfferCommands commands={[{ id: which, title, group: "This deployment", keys: key, also: "approval", run }]} /> : null;
	return (
		<div className="grid gap-3">
			<div className="flex flex-wrap items-center gap-2">
				<AlertDialog
					title={`Approve ${subject} of ${name}?`}
					description={approved}
					body={noteField("approve")}
					cancel="Not yet"
					action="Approve"
					onAction={() => send("approve")}
				>
					{(open) => (
						<>
							<ServerButton
								size="sm"
								disabled={busy}
								onClick={() => {
									void queries.invalidateQueries({ queryKey: ["lists", "approval"] });
									open();
								}}
							>
								<Check aria-hidden="true" />
								{busy ? "Answering…" : "Approve…"}
							</ServerButton>
							{command("approve", `Approve ${subject}…`, open, "a")}
						</>
					)}
				</AlertDialog>
				{onEdit && (
					<Button variant="outline" size="sm" disabled={busy} onClick={onEdit}>
						<Pencil aria-hidden="true" />
						Edit and approve
					</Button>
				)}
				<AlertDialog
					title={`Reject ${subject} of ${name}?`}
					description={rejected}
					body={noteField("reject")}
					cancel="Not yet"
					action="Reject"
					destructive
					onAction={() => send("reject")}
				>
					{(open) => (
						<>
							<ServerButton variant="outline" size="sm" disabled={busy} onClick={open}>
								<X aria-hidden="true" />
								Reject…
							</ServerButton>
							{command("reject", `Reject ${subject}…`, open)}
						</>
					)}
				</AlertDialog>
			</div>
			{!onRefused && <CallFailure error={answer.error} />}
		</div>
	);
}
