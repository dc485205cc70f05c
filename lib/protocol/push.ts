import { z } from "zod";

/** A branch that may be pushed to: plain names, and nothing that git or a shell would read as something else. */
export const branchSchema = z
	.string()
	.trim()
	.max(200)
	.regex(
		/^(?!HEAD$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_+-]|\.(?!\.|\/|$|lock(?:\/|$)))*(?:\/(?!$)|$))+$/,
		"is no branch name that can be pushed to, such as main or sites/sunrise",
	);

export const defaultBranch = "main";

/** What is left out is as it was for the last push of the project. */
export const pushSchema = z.strictObject({
	/** The repository: https, http or ssh. */
	url: z.string().trim().min(1).max(2000).optional(),
	branch: branchSchema.optional(),
	/** Access token that may write there. Kept encrypted with the project for the same git server; never shown again. */
	token: z.string().trim().min(1).max(4000).optional(),
});
export type Push = z.infer<typeof pushSchema>;

/** Where a project was pushed to last. */
export interface PushRemote {
	url: string;
	branch: string;
	/** True when an access token is kept for it. */
	hasToken: boolean;
}

/** A push that has come through. */
export interface PushedView {
	url: string;
	branch: string;
	/** The commit that the branch is at now. */
	commit: string;
	/** True when the branch held the same files already, so that nothing was pushed. */
	unchanged: boolean;
	files: number;
}
