import type { PolicyWords } from "./policy-form.tsx";

/** What a person must allow in every deployment of a project. */
export const approvalPolicy: PolicyWords<"approvals"> = {
	form: "Approvals",
	label: "What a person approves",
	hint: "A deployment waits for as long as it takes, and uses nothing meanwhile. You and administrators may answer. Rolling back asks nobody.",
	values: {
		none: "Nobody: deployments go through by themselves",
		plan: "The plan, before anything is built",
		deploy: "The release, before visitors see it",
		all: "The plan and the release",
	},
	save: "Save what is approved",
	saved: "Saved. It counts from the next deployment on.",
};

/** What happens in a project where a rule knows how to repair a failure. */
export const fixPolicy: PolicyWords<"fixes"> = {
	form: "Repairs",
	label: "When a rule knows how to repair what failed",
	hint: "A lockfile that does not fit, a wrong port, a file name in another case and the like. In a copy: the repository is never changed.",
	values: {
		off: "Nothing: the deployment fails and says what to do",
		ask: "It waits until a person has allowed the repair",
		automatic: "It is repaired at once, at most three times",
	},
	save: "Save what is repaired",
	saved: "Saved. It counts from the next stage on, also in a deployment that runs.",
};
