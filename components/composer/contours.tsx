/** Depth lines of a harbour chart, behind the composer. Decoration only. */
export function Contours() {
	return (
		<svg
			aria-hidden="true"
			viewBox="0 0 900 420"
			preserveAspectRatio="xMaxYMid slice"
			fill="none"
			className="pointer-events-none absolute inset-0 h-full w-full text-contour opacity-70 [mask-image:linear-gradient(100deg,transparent_45%,black_90%)]"
		>
			<g stroke="currentColor" strokeWidth="1.2">
				<path d="M905 60C820 40 780 90 700 84S560 30 520 90s40 110-20 170-190 40-210 180" />
				<path d="M905 100C830 86 790 126 715 122S600 84 566 132s26 100-30 160-160 50-186 150" />
				<path d="M905 142C842 132 800 164 734 162S642 136 614 176s14 92-38 148-128 56-156 116" />
				<path d="M905 186C856 180 812 204 756 204S686 190 664 224s2 82-46 134-98 52-122 82" />
				<path d="M905 234C870 230 828 248 782 250S732 248 716 274s-8 70-52 118-64 38-84 48" />
				<path d="M905 284C884 282 846 296 812 300S780 306 768 326s-16 56-56 100" />
			</g>
		</svg>
	);
}
