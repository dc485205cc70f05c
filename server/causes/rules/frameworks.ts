import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";

/** What single frameworks and tools ask for. */
export const frameworkCauses: readonly Cause[] = [
	{
		id: "fonts_blocked",
		name: "Fonts cannot be downloaded during the build",
		steps: ["build"],
		patterns: [
			/Failed to fetch [`'"]?(?<font>[^`'"\n]{1,60})[`'"]? from Google Fonts/,
			/Failed to fetch font [`'"]?(?<font>[^`'"\n]{1,60})/,
			/fonts\.(?:googleapis|gstatic)\.com[^\n]{0,200}(?:failed|ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|403)/,
		],
		explain: ({ groups }) => ({
			message: `The build downloads ${groups.font ? `the font ${quote(groups.font)}` : "a font"} from Google Fonts, which could not be reached.`,
			action: "Put the font's files into the repository (next/font/local, or a @fontsource package), and retry.",
		}),
	},
	{
		id: "next_pages_missing",
		name: "Next.js finds no pages",
		steps: ["build"],
		patterns: [/Couldn't find any `pages` or `app` directory/],
		explain: ({ circumstances: { plan } }) => ({
			message: `Next.js found neither an app nor a pages folder in ${plan.directory === "" ? "the repository's root" : quote(plan.directory)}.`,
			action: "Choose the folder of the Next.js app as the project's directory, or commit the missing folder, push and deploy again.",
		}),
	},
	{
		id: "next_not_built",
		name: "Next.js was started without a build",
		steps: ["start"],
		patterns: [/Could not find a production build in the '(?<folder>[^']{1,120})' directory/],
		explain: ({ groups }) => ({
			message: `next start found no build in ${quote(groups.folder ?? ".next")}.`,
			action: "Let the build script run next build, with the same distDir, and retry.",
		}),
	},
	{
		id: "prisma_not_generated",
		name: "The Prisma client was not generated",
		steps: ["build", "test", "start"],
		patterns: [
			/@prisma\/client did not initialize yet|Cannot find module '\.prisma\/client/,
			/Module '"@prisma\/client"' has no exported member/,
		],
		explain: () => ({
			message: "The Prisma client was not generated: prisma generate did not run after the dependencies were installed.",
			action: "Put it in front of the build (“build”: “prisma generate && …”), with prisma among the dependencies, and retry.",
		}),
	},
	{
		id: "prisma_engine_missing",
		name: "Prisma's engine for this machine is missing",
		steps: ["build", "test", "start"],
		patterns: [/could not locate the Query Engine for runtime "(?<target>[^"]{1,60})"/i],
		explain: ({ groups }) => ({
			message: `Prisma's engine for this machine, ${quote(groups.target ?? "")}, is not there: the client was generated elsewhere.`,
			action: `Add ${quote(groups.target ?? "")} to binaryTargets in schema.prisma and run prisma generate in the build, then retry.`,
		}),
	},
	{
		id: "tailwind_postcss_moved",
		name: "Tailwind CSS 4 with the PostCSS settings of version 3",
		steps: ["build"],
		patterns: [/trying to use `tailwindcss` directly as a PostCSS plugin/],
		explain: () => ({
			message: "Tailwind CSS 4 is installed, and the PostCSS settings are those of version 3: its plugin moved to a package of its own.",
			action:
				"Add @tailwindcss/postcss and name it in place of tailwindcss in postcss.config, or go back to tailwindcss 3. Commit the lockfile, push and deploy again.",
		}),
	},
	{
		id: "warnings_are_errors",
		name: "Warnings fail the build",
		steps: ["build"],
		patterns: [/Treating warnings as errors because process\.env\.CI = true/],
		explain: () => ({
			message: "The build has warnings, and react-scripts takes them as errors wherever CI is set, as it is here.",
			action: "Correct the warnings, or set CI to false on the project's Environment page, for builds, and retry.",
		}),
	},
	{
		id: "bundle_budget",
		name: "The bundle is larger than its budget",
		steps: ["build"],
		patterns: [
			/(?<bundle>(?:bundle )?\S{1,60}) exceeded maximum budget\. Budget (?<budget>[\d.]+ [kM]?B) was not met by (?<over>[\d.]+ [kM]?B)/,
		],
		explain: ({ groups }) => ({
			message: `${quote((groups.bundle ?? "The bundle").replace(/^.*Error: /, "").trim())} is ${groups.over} larger than its budget of ${groups.budget}.`,
			action: "Make it smaller, or raise maximumError under budgets in angular.json, and retry.",
		}),
	},
	{
		id: "prerender_error",
		name: "A page failed while it was made during the build",
		steps: ["build"],
		patterns: [
			/Error occurred prerendering page "(?<page>[^"]{1,200})"[\s\S]{0,400}?\n\s*(?:\[?Error|\w{0,40}Error): (?<why>[^\n]{1,160})/,
			/Error occurred prerendering page "(?<page>[^"]{1,200})"/,
		],
		explain: ({ groups }) => ({
			message: `The page ${quote(groups.page ?? "")} failed while the build made it${groups.why ? `: ${quote(groups.why)}` : ""}.`,
			action: "Make the page work without data that is there only later (a database, its own API), or make it on each request. Then retry.",
		}),
	},
];
