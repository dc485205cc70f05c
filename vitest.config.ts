import { defineConfig } from "vitest/config";

const every = ["tests/**/*.test.ts", "tests/**/*.test.tsx"];
const never = ["tests/e2e/**", "tests/bench/**", "tests/fixtures/**", "node_modules/**"];
/** What tells a slow network from a mute one by its time, which a busy machine looks like: one after the other, after the rest. */
const timed = ["tests/network/**/*.test.ts", "tests/server/live/{tabs,doctor}.test.ts"];

export default defineConfig({
	test: {
		environment: "node",
		projects: [
			{
				extends: true,
				test: { name: "together", include: every, exclude: [...never, ...timed], maxWorkers: 2, sequence: { groupOrder: 0 } },
			},
			{ extends: true, test: { name: "timed", include: timed, exclude: never, maxWorkers: 1, sequence: { groupOrder: 1 } } },
		],
		pool: "forks",
		// Two slow processors are enough; how long things may take is told by `npm run bench`.
		testTimeout: 60_000,
		hookTimeout: 120_000,
		expect: { poll: { timeout: 15_000 } },
		teardownTimeout: 20_000,
		retry: 0,
		unstubEnvs: true,
		restoreMocks: true,
		coverage: {
			provider: "v8",
			include: ["lib/**/*.ts", "server/**/*.ts"],
			reporter: ["text-summary", "json-summary"],
			thresholds: Object.fromEntries(["lib/live/**", "server/live/**", "server/streams/**"].map((place) => [place, { lines: 95 }])),
		},
	},
});
