"use client";
import { useMutation } from "@tanstack/react-query";
import { useId } from "react";
import type { SystemSettings } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { useOutOfReach } from "../live/use-out-of-reach.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Checkbox } from "../ui/checkbox.tsx";
import { Panel } from "../ui/panel.tsx";

/** What assistants that speak MCP may do for the people whose tokens they have; for administrators. */
export function AssistantPanel({ initial }: { initial: SystemSettings }) {
	const id = useId();
	const reason = useOutOfReach();
	const change = useMutation({ mutationFn: client.system.setSettings });
	const settings = change.data ?? initial;
	const shown = change.isPending ? change.variables : settings;
	return (
		<Panel title="Assistants" className="p-5">
			<div className="flex items-start gap-2.5">
				<Checkbox
					id={id}
					aria-describedby={`${id}-about`}
					checked={shown.assistantsMayApprove}
					disabled={change.isPending || reason !== null}
					onChange={(event) => change.mutate({ ...settings, assistantsMayApprove: event.target.checked })}
				/>
				<label htmlFor={id} className="text-sm">
					Assistants may approve plans and deployments
				</label>
			</div>
			<p id={`${id}-about`} className="mt-1.5 ml-[1.875rem] text-muted-foreground text-sm">
				{reason ??
					"For everybody whose assistant is connected by MCP. Switched on, a model can answer what was meant to be asked of a person. Every change of this is in the log."}
			</p>
			<CallFailure error={change.error} className="mt-3" />
		</Panel>
	);
}
