"use client";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client } from "../client.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Button } from "../ui/button.tsx";
import { FormField } from "./form-field.tsx";

/** Creates the first account, with the one-time secret of the link that the server printed. */
export function SetupForm() {
	const secret = useSecretOfLink();
	const attempt = useMutation({
		mutationFn: (form: FormData) =>
			client.accounts.setup({
				secret: secretIn(String(form.get("secret"))),
				name: String(form.get("name")),
				email: String(form.get("email")),
				password: String(form.get("password")),
			}),
		onSuccess: () => window.location.assign("/"),
	});
	const busy = attempt.isPending || attempt.isSuccess;
	return (
		<form
			className="grid gap-4"
			onSubmit={(event) => {
				event.preventDefault();
				if (!busy) attempt.mutate(new FormData(event.currentTarget));
			}}
		>
			<div>
				<h1 className="font-semibold text-2xl tracking-tight">Set up Quayside</h1>
				<p className="mt-1 text-muted-foreground text-sm">Create the account that administers this platform.</p>
			</div>
			{secret === null || secret === "" ? (
				<FormField
					label="Set-up secret"
					name="secret"
					autoComplete="off"
					required
					hint="It is at the end of the link that was printed when Quayside started. Restart it to get a new one."
				/>
			) : (
				<input type="hidden" name="secret" value={secret} />
			)}
			<FormField label="Your name" name="name" autoComplete="name" maxLength={100} required />
			<FormField label="Email" name="email" type="email" autoComplete="username" maxLength={200} required />
			<FormField
				label="Password"
				name="password"
				type="password"
				autoComplete="new-password"
				minLength={12}
				maxLength={200}
				required
				hint="At least 12 characters."
			/>
			<CallFailure error={attempt.error} />
			<Button type="submit" aria-disabled={busy}>
				{busy ? "Creating the account…" : "Create account"}
			</Button>
		</form>
	);
}

/** The secret in the link's fragment or query, taken out of the address at once; null until it was looked for. */
function useSecretOfLink(): string | null {
	const [secret, setSecret] = useState<string | null>(null);
	useEffect(() => {
		function take() {
			const { hash, search } = window.location;
			const fragment = hash.slice(1);
			const found =
				new URLSearchParams(search).get("secret") ??
				new URLSearchParams(fragment).get("secret") ??
				(fragment.includes("=") ? "" : fragment);
			setSecret((current) => found || current || "");
			if (hash !== "" || search !== "") window.history.replaceState(null, "", window.location.pathname);
		}
		take();
		// The link opened in a tab that shows this page already changes the fragment alone: nothing is loaded anew.
		window.addEventListener("hashchange", take);
		return () => window.removeEventListener("hashchange", take);
	}, []);
	return secret;
}

/** The secret of what was typed: people paste the whole link, too. */
function secretIn(typed: string): string {
	return typed.slice(typed.lastIndexOf("#") + 1).trim();
}
