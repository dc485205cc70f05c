import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		environment: "node",
		include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"],
		exclude: ["tests/e2e/**", "tests/bench/**", "tests/fixtures/**", "node_modules/**"],
		pool: "forks",
		maxWorkers: 2,
		testTimeout: 20_000,
		hookTimeout: 60_000,
		teardownTimeout: 20_000,
		retry: 0,
		unstubEnvs: true,
		restoreMocks: true,
		coverage: {
			provider: "v8",
			include: ["lib/**/*.ts", "server/**/*.ts"],
			reporter: ["text-summary", "json-summary"],
		},
	},
});
