"use client";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { client } from "../client.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Button } from "../ui/button.tsx";
import { FormField } from "./form-field.tsx";

export function LoginForm({ next }: { next: string }) {
	const password = useRef<HTMLInputElement>(null);
	const attempt = useMutation({
		mutationFn: (form: FormData) => client.accounts.login({ email: String(form.get("email")), password: String(form.get("password")) }),
		// A full load: the pages behind the login start from the session they now have.
		onSuccess: () => window.location.assign(next),
		onError: () => password.current?.select(),
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
			<h1 className="font-semibold text-2xl tracking-tight">Log in</h1>
			<FormField label="Email" name="email" type="email" autoComplete="username" required autoFocus />
			<FormField label="Password" name="password" type="password" autoComplete="current-password" required ref={password} />
			<CallFailure error={attempt.error} />
			<Button type="submit" aria-disabled={busy}>
				{busy ? "Logging in…" : "Log in"}
			</Button>
		</form>
	);
}
