"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ModelSettingsInput, SetModelProviderInput } from "#lib/protocol/index.ts";
import { client } from "../../client.ts";

const queryKey = ["models"];

export function useModels() {
	return useQuery({ queryKey, queryFn: () => client.models.get() });
}

/** What an administrator changes; every answer holds all of it anew. */
export function useChangeModels() {
	const queries = useQueryClient();
	const refresh = () => queries.invalidateQueries({ queryKey });
	return {
		setProvider: useMutation({
			mutationFn: ({ id, input }: { id: string; input: SetModelProviderInput }) => client.models.setProvider(id, input),
			onSuccess: (models) => queries.setQueryData(queryKey, models),
		}),
		deleteProvider: useMutation({ mutationFn: (id: string) => client.models.deleteProvider(id), onSuccess: refresh }),
		setSettings: useMutation({
			mutationFn: (settings: ModelSettingsInput) => client.models.setSettings(settings),
			onSuccess: (models) => queries.setQueryData(queryKey, models),
		}),
		test: useMutation({ mutationFn: (model: string) => client.models.test(model), onSuccess: refresh }),
	};
}
