/** Names of streams. */
export const streamOf = {
	deployment: (id: string) => `deployment/${id}`,
	project: (id: string) => `project/${id}`,
	user: (id: string) => `user/${id}`,
} as const;
