import { type Answer, askOnce, type Question } from "./ask.ts";

const maxRedirects = 10;

/** Follows the redirects of an answer as a browser would, as long as they stay with the app; answers the addresses when they come round again. */
export async function findRedirectLoop(question: Question, first: Answer): Promise<string[] | null> {
	const home = `http://${question.host}`;
	const seen = [question.path];
	let answer: Answer | null = first;
	while (answer?.location !== undefined && seen.length <= maxRedirects) {
		if (!URL.canParse(answer.location, `${home}${seen.at(-1)}`)) return null;
		const next = new URL(answer.location, `${home}${seen.at(-1)}`);
		// To another site it is none of ours. With https it comes back to the same app, which is what apps that ask for https get wrong.
		if (next.host !== question.host) return null;
		const path = `${next.pathname}${next.search}`;
		if (seen.includes(path)) return [...seen, path];
		seen.push(path);
		answer = await askOnce({ ...question, path });
	}
	return answer?.location === undefined ? null : seen;
}
