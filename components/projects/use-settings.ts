"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ProjectSettings } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { listKeys } from "../shell/live-lists.tsx";

/** Key under which a project's settings are cached. */
export const settingsKey = (slug: string) => [...listKeys.project(slug), "settings"];

export function useSettings(slug: string) {
	return useQuery({ queryKey: settingsKey(slug), queryFn: () => client.projects.settings(slug) });
}

/** Changes a project's settings. The newest ones are read first, so that a change made elsewhere meanwhile is kept. */
export function useChangeSettings(slug: string) {
	const queries = useQueryClient();
	return useMutation({
		mutationFn: (change: (settings: ProjectSettings) => ProjectSettings) => changeSettings(slug, change),
		onSuccess: (settings) => queries.setQueryData(settingsKey(slug), settings),
	});
}

export async function changeSettings(slug: string, change: (settings: ProjectSettings) => ProjectSettings): Promise<ProjectSettings> {
	return client.projects.setSettings(slug, change(await client.projects.settings(slug)));
}
