"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ProjectView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Input } from "../ui/input.tsx";
import { Panel } from "../ui/panel.tsx";

const goes = [
	"the app that runs, and its address",
	"every release, and with them the way back",
	"all deployments with their logs and files, those that run included",
	"variables, secrets, access token and deploy key",
	"the settings, and what builds had kept for the next one",
];

/** The end of a project: says what goes, and asks for its name. */
export function DeleteProject({ project }: { project: ProjectView }) {
	const router = useRouter();
	const queries = useQueryClient();
	const [typed, setTyped] = useState("");
	const remove = useMutation({
		mutationFn: () => client.projects.delete(project.slug),
		onSuccess: () => {
			router.replace("/projects");
			router.refresh();
			queries.removeQueries({ queryKey: ["lists"], type: "inactive" });
		},
	});
	const busy = remove.isPending || remove.isSuccess;
	return (
		<Panel title="Danger" className="border-danger">
			<div className="flex flex-wrap items-center justify-between gap-3">
				<p className="min-w-0 flex-1 basis-64 text-sm">Deletes {project.name} and everything that belongs to it. It cannot be undone.</p>
				<AlertDialog
					title={`Delete ${project.name}?`}
					description="It works while something runs: that is stopped first. This goes for good:"
					body={
						<div className="mt-3 grid gap-4">
							<ul className="list-disc pl-5 text-sm">
								{goes.map((what) => (
									<li key={what}>{what}</li>
								))}
							</ul>
							<p className="text-muted-foreground text-sm">Your repository is not touched.</p>
							<Field id="delete-name" label={`Type ${project.name} to go on`}>
								{(control) => (
									<Input
										{...control}
										autoComplete="off"
										autoCapitalize="none"
										spellCheck={false}
										value={typed}
										onChange={(event) => setTyped(event.target.value)}
									/>
								)}
							</Field>
						</div>
					}
					ready={typed.trim() === project.name}
					cancel="Keep the project"
					action="Delete for good"
					destructive
					onAction={() => remove.mutate()}
				>
					{(open) => (
						<ServerButton
							variant="destructive"
							size="sm"
							disabled={busy}
							onClick={() => {
								setTyped("");
								open();
							}}
						>
							<Trash2 aria-hidden="true" /> {busy ? "Deleting…" : "Delete the project"}
						</ServerButton>
					)}
				</AlertDialog>
			</div>
			<CallFailure error={remove.error} className="mt-3" />
		</Panel>
	);
}
