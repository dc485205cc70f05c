import { CircleX, Moon } from "lucide-react";
import Link from "next/link";
import type { ReleaseView } from "#lib/protocol/index.ts";
import { plainText } from "../deployments/log/log-text.ts";
import { Alert } from "../ui/alert.tsx";
import { Button } from "../ui/button.tsx";
import { RunButtons } from "./release-panel.tsx";
import type { ReleaseControls } from "./use-release-controls.ts";

interface ReleaseNowProps {
	slug: string;
	project: string;
	release: ReleaseView | undefined;
	controls: ReleaseControls;
}

/** What must be known about the release in use: that it crashed, sleeps, is stopped or lost. Nothing while it simply works. */
export function ReleaseNow({ slug, project, release, controls }: ReleaseNowProps) {
	if (!release) return null;
	if (release.asleep) {
		return (
			<Alert tone="info" data-now="asleep">
				<Moon aria-hidden="true" />
				<div className="flex min-w-0 flex-1 flex-wrap items-center justify-between gap-2">
					<p>Asleep, because nobody visited it for a while. The next visitor wakes it and waits a moment longer.</p>
					<RunButtons project={project} release={release} controls={controls} />
				</div>
			</Alert>
		);
	}
	if (release.status === "crashed") return <CrashCard slug={slug} project={project} release={release} controls={controls} />;
	if (release.status === "lost") {
		return (
			<Alert tone="danger" data-now="lost">
				<CircleX aria-hidden="true" />
				<p>The files of this release are gone from this machine. Deploy again, or roll back to another one.</p>
			</Alert>
		);
	}
	return null;
}

/** How the app ended, with its last words. */
function CrashCard({ slug, project, release, controls }: ReleaseNowProps & { release: ReleaseView }) {
	const { crash } = release;
	return (
		<section
			aria-label="Crash"
			data-now="crashed"
			className="grid overflow-hidden rounded-lg border border-danger bg-surface md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]"
		>
			<div className="flex min-w-0 flex-col justify-center gap-2.5 p-5">
				<h2 className="flex items-center gap-2.5 font-semibold text-lg">
					<CircleX aria-hidden="true" className="size-6 shrink-0 text-danger" />
					The app has crashed
				</h2>
				{crash && <p className="break-words text-sm">{crash.message}</p>}
				{crash && crash.exitCode !== null && <p className="text-muted-foreground text-sm">It ended with exit code {crash.exitCode}.</p>}
				<p className="text-sm">
					{crash && crash.lines.length > 0 && "Read its last lines. "}A variable it asks for belongs on the{" "}
					<Link href={`/projects/${slug}?tab=environment`} className="text-info underline underline-offset-4">
						Environment
					</Link>{" "}
					tab; a mistake in the code needs a new deployment, or an older release.
				</p>
				<div className="flex flex-wrap gap-2">
					<RunButtons project={project} release={release} controls={controls} />
					<Button asChild variant="outline" size="sm">
						<Link href={`/projects/${slug}?tab=log`}>Open the runtime log</Link>
					</Button>
				</div>
			</div>
			{crash && crash.lines.length > 0 && (
				<div className="flex min-w-0 flex-col border-border border-t bg-log md:border-t-0 md:border-l">
					<h3 className="chart-label flex h-10 shrink-0 items-center border-border border-b px-3">Its last lines</h3>
					<pre
						// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
						tabIndex={0}
						className="max-h-52 flex-1 overflow-auto whitespace-pre-wrap break-words p-3 font-mono text-[0.8125rem] text-log-foreground leading-5 [overflow-wrap:anywhere] focus-visible:-outline-offset-2"
					>
						{crash.lines.map(plainText).join("\n")}
					</pre>
				</div>
			)}
		</section>
	);
}
