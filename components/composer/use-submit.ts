"use client";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, useTransition } from "react";
import { ulid } from "ulid";
import { ClientError } from "#lib/client/client-error.ts";
import { type ErrorCode, type PublicError, toPublicError } from "#lib/errors.ts";
import { client } from "../client.ts";
import { forget, keep, readKept, type Submission } from "./kept-submissions.ts";

export interface ComposerValues {
	url: string;
	ref: string;
	directory: string;
	token: string;
	/** What is wanted, in words; it is sent instead of the rest where it is there. */
	brief?: string;
}

export type SubmitPhase =
	| { name: "editing"; refusal: PublicError | null; restored: ComposerValues | null; tokenMissing?: boolean }
	| { name: "sending"; submission: Submission }
	| { name: "kept"; submission: Submission; stored: boolean; retryInMs: number };

const firstRetryMs = 2000;
const maxRetryMs = 30_000;
/** What is no word on the submission itself: the same request may succeed a moment later. */
const passing: ReadonlySet<ErrorCode> = new Set(["unreachable", "shutting_down", "database_unavailable"]);

/** Takes a submission to the server: shown at once, kept while nobody answers, sent again under the same key. */
export function useSubmit() {
	const router = useRouter();
	const [, startTransition] = useTransition();
	const [phase, setPhase] = useState<SubmitPhase>({ name: "editing", refusal: null, restored: null });
	const token = useRef("");
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const retryMs = useRef(firstRetryMs);

	const send = useCallback(
		async (submission: Submission) => {
			clearTimeout(timer.current);
			setPhase({ name: "sending", submission });
			try {
				const { deployment } = await client.deployments.create(toInput(submission, token.current), { idempotencyKey: submission.key });
				forget(localStorage, submission.key, Date.now());
				token.current = "";
				// As a transition: the answer to the click stays until the page of the deployment is there.
				startTransition(() => router.push(`/deployments/${deployment.id}`));
			} catch (error) {
				const refusal = error instanceof ClientError ? error.error : toPublicError(error, "");
				if (!passing.has(refusal.code)) {
					forget(localStorage, submission.key, Date.now());
					setPhase({ name: "editing", refusal, restored: { ...submission, token: token.current } });
					return;
				}
				const stored = keep(localStorage, submission, Date.now());
				setPhase({ name: "kept", submission, stored, retryInMs: retryMs.current });
				timer.current = setTimeout(() => void send(submission), retryMs.current);
				retryMs.current = Math.min(maxRetryMs, retryMs.current * 2);
			}
		},
		[router],
	);

	// What was kept before the page was closed goes on by itself, unless it needs its token again.
	useEffect(() => {
		const [submission] = readKept(localStorage, Date.now());
		if (!submission) return;
		if (!submission.hadToken) {
			void send(submission);
			return;
		}
		forget(localStorage, submission.key, Date.now());
		setPhase({ name: "editing", refusal: null, restored: { ...submission, token: "" }, tokenMissing: true });
	}, [send]);

	useEffect(() => {
		if (phase.name !== "kept") return;
		const again = () => void send(phase.submission);
		window.addEventListener("online", again);
		return () => window.removeEventListener("online", again);
	}, [phase, send]);

	useEffect(() => () => clearTimeout(timer.current), []);

	const submit = useCallback(
		(values: ComposerValues) => {
			token.current = values.token;
			retryMs.current = firstRetryMs;
			const { url, ref, directory, brief } = values;
			const words = brief === undefined ? {} : { brief };
			void send({ key: ulid(), url, ref, directory, ...words, hadToken: values.token !== "", at: Date.now() });
		},
		[send],
	);

	const discard = useCallback(() => {
		clearTimeout(timer.current);
		setPhase((current) => {
			if (current.name !== "kept") return current;
			forget(localStorage, current.submission.key, Date.now());
			return { name: "editing", refusal: null, restored: { ...current.submission, token: token.current } };
		});
	}, []);

	return { phase, submit, discard, sendNow: send };
}

function toInput({ url, ref, directory, brief }: Submission, token: string) {
	if (brief !== undefined) return { source: { type: "brief" as const, text: brief } };
	return {
		source: { type: "git" as const, url, ...(ref && { ref }), ...(directory && { directory }), ...(token && { token }) },
	};
}
