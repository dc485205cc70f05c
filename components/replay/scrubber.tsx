"use client";
import { Pause, Play, SkipBack, SkipForward } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { formatDuration } from "#lib/format.ts";
import { Button } from "../ui/button.tsx";
import { NativeSelect } from "../ui/input.tsx";

const beatMs = 100;
const speeds = [1, 4, 16, 64, 256];
/** Played at the first speed at which the whole takes no longer. */
const comfortableMs = 30_000;

interface ScrubberProps {
	beginMs: number;
	endMs: number;
	/** The moment that is shown. */
	atMs: number;
	onMove: (ms: number) => void;
	next: (ms: number) => number | null;
	previous: (ms: number) => number | null;
	/** What happens at the moment, for who does not see the page. */
	says: string;
}

/** Goes to any moment: by pointer, by arrow keys, step by step, or by itself. */
export function Scrubber({ beginMs, endMs, atMs, onMove, next, previous, says }: ScrubberProps) {
	const id = useId();
	const wholeMs = endMs - beginMs;
	const atText = atMs <= beginMs ? "0 s" : formatDuration(atMs - beginMs);
	const [playing, setPlaying] = useState(false);
	const [speed, setSpeed] = useState(() => speeds.find((candidate) => wholeMs / candidate <= comfortableMs) ?? 256);
	const latest = useRef({ atMs, onMove });
	useEffect(() => {
		latest.current = { atMs, onMove };
	});
	useEffect(() => {
		if (!playing) return;
		const timer = setInterval(() => {
			const to = Math.min(endMs, latest.current.atMs + beatMs * speed);
			latest.current.onMove(to);
			if (to >= endMs) setPlaying(false);
		}, beatMs);
		return () => clearInterval(timer);
	}, [playing, speed, endMs]);

	function play() {
		if (!playing && atMs >= endMs) onMove(beginMs);
		setPlaying(!playing);
	}
	function move(to: number | null) {
		setPlaying(false);
		if (to !== null) onMove(to);
	}

	return (
		<section aria-label="Replay" className="rounded-lg border border-border bg-surface p-3" data-replay-at={Math.round(atMs - beginMs)}>
			<div className="flex flex-wrap items-center gap-2">
				<Button size="sm" className="min-w-24" onClick={play}>
					{playing ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
					{playing ? "Pause" : "Play"}
				</Button>
				<Button
					variant="outline"
					size="icon-sm"
					aria-label="Step back"
					title={atMs <= beginMs ? "This is the beginning" : "Step back"}
					disabled={atMs <= beginMs}
					onClick={() => move(previous(atMs))}
				>
					<SkipBack aria-hidden="true" />
				</Button>
				<Button
					variant="outline"
					size="icon-sm"
					aria-label="Step forward"
					title={atMs >= endMs ? "This is the end" : "Step forward"}
					disabled={atMs >= endMs}
					onClick={() => move(next(atMs))}
				>
					<SkipForward aria-hidden="true" />
				</Button>
				<label htmlFor={`${id}-speed`} className="sr-only">
					Speed
				</label>
				<NativeSelect id={`${id}-speed`} className="h-8 w-20" value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
					{speeds.map((candidate) => (
						<option key={candidate} value={candidate}>
							{candidate}×
						</option>
					))}
				</NativeSelect>
				<output className="ml-auto text-muted-foreground text-sm">
					{atText} of {formatDuration(wholeMs)}
				</output>
			</div>
			<input
				type="range"
				aria-label="Moment"
				aria-valuetext={`${atText} of ${formatDuration(wholeMs)}, ${says}`}
				min={0}
				max={wholeMs}
				step={Math.max(1, Math.round(wholeMs / 500))}
				value={atMs - beginMs}
				onChange={(event) => {
					setPlaying(false);
					// Its last step may end before the whole does.
					const ms = Number(event.target.value);
					onMove(ms > wholeMs - wholeMs / 500 ? endMs : beginMs + ms);
				}}
				className="mt-2 h-6 w-full cursor-pointer accent-(--info)"
			/>
		</section>
	);
}
