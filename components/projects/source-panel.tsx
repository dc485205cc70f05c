"use client";
import { useMutation } from "@tanstack/react-query";
import { Lock } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { ulid } from "ulid";
import { type ProjectView, parseGitUrl } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Field } from "../ui/field.tsx";
import { Input } from "../ui/input.tsx";
import { Panel } from "../ui/panel.tsx";
import { DeployKeyPanel } from "./deploy-key-panel.tsx";

interface SourcePanelProps {
	project: ProjectView;
	/** A folder to propose instead of the one it is deployed from. */
	directory: string | null;
}

/** Where the project comes from, and what opens it where it is private. */
export function SourcePanel({ project, directory }: SourcePanelProps) {
	const { source } = project;
	if (source.type !== "git") {
		return (
			<Panel title="Source">
				<p className="text-sm">
					{source.type === "brief"
						? "This project is made from a brief. Open its newest deployment to read it, to ask for a change, or to download what was written."
						: "This project is a folder that was sent with the command line tool. Send it again to deploy a change."}
				</p>
			</Panel>
		);
	}
	return (
		<div className="grid grid-cols-1 gap-4 lg:grid-cols-2 lg:items-start">
			<SourceForm project={project} directory={directory} />
			<DeployKeyPanel slug={project.slug} url={source.url} />
		</div>
	);
}

/** The source as a form: what is saved is what was deployed, so a change is a deployment. */
function SourceForm({ project, directory }: SourcePanelProps) {
	const router = useRouter();
	const { source, slug } = project;
	const [values, setValues] = useState({
		url: source.url,
		ref: source.ref ?? "",
		directory: directory ?? source.directory ?? "",
		token: "",
	});
	const [problem, setProblem] = useState<string | null>(null);
	const deploy = useMutation({
		mutationFn: (key: string) => {
			const { url, ref, directory, token } = values;
			const trimmed = { ref: ref.trim(), directory: directory.trim().replace(/^\/+|\/+$/g, ""), token: token.trim() };
			const given = Object.fromEntries(Object.entries(trimmed).filter(([, value]) => value !== ""));
			return client.deployments.create({ source: { type: "git", url: url.trim(), ...given }, project: slug }, { idempotencyKey: key });
		},
		onSuccess: ({ deployment }) => router.push(`/deployments/${deployment.id}`),
	});
	const busy = deploy.isPending || deploy.isSuccess;
	const transport = transportOf(values.url);

	function send(event: FormEvent) {
		event.preventDefault();
		const checked = parseGitUrl(values.url);
		setProblem(checked.ok ? null : (checked.failure.message ?? "This is not a repository address Quayside can clone."));
		if (checked.ok && !busy) deploy.mutate(ulid());
		else document.getElementById("source-url")?.focus();
	}
	const field = (name: keyof typeof values, label: string, hint: string, placeholder: string) => (
		<Field id={`source-${name}`} label={label} hint={hint} problem={name === "url" ? problem : null}>
			{(control) => (
				<Input
					{...control}
					className="font-mono"
					autoComplete="off"
					autoCapitalize="none"
					spellCheck={false}
					type={name === "token" ? "password" : "text"}
					placeholder={placeholder}
					maxLength={name === "ref" ? 250 : name === "directory" ? 500 : 2000}
					value={values[name]}
					onChange={(event) => setValues({ ...values, [name]: event.target.value })}
				/>
			)}
		</Field>
	);
	return (
		<Panel
			title="Source"
			about="What the next deployment is made from. A change is tried by deploying it: what is live stays live until the new one answers."
		>
			<form noValidate onSubmit={send} aria-label="Source" className="grid grid-cols-1 gap-4">
				{field("url", "Repository", "An https or an ssh address.", "https://github.com/owner/name.git")}
				<div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
					{field("ref", "Branch, tag or commit", "Empty: the repository's default branch.", "default branch")}
					{field("directory", "Directory", "Where the app lies in the repository.", "whole repository")}
				</div>
				{transport !== "ssh" && field("token", source.private ? "New access token" : "Access token", tokenHint(source.private), "")}
				{source.private && (
					<p className="flex items-center gap-1.5 text-muted-foreground text-sm">
						<Lock aria-hidden="true" className="size-4 shrink-0" /> An access token is kept for this repository, encrypted. Nobody is shown
						it.
					</p>
				)}
				<CallFailure error={deploy.error} />
				<div>
					<ServerButton type="submit" aria-disabled={busy}>
						{busy ? "Cloning repository…" : "Deploy from this source"}
					</ServerButton>
				</div>
			</form>
		</Panel>
	);
}

function tokenHint(isPrivate: boolean): string {
	return isPrivate
		? "Takes the place of the one that is kept. Empty: that one stays."
		: "Only for a private repository. Kept encrypted, never shown again.";
}

function transportOf(url: string): string | null {
	const parsed = parseGitUrl(url);
	return parsed.ok ? parsed.value.transport : null;
}
