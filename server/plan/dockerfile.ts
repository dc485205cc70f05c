import type { Plan } from "../../lib/protocol/index.ts";

type BuildSteps = Pick<Plan, "nodeVersion" | "install" | "build">;
type ProcessSteps = Pick<Plan, "nodeVersion" | "install" | "build" | "start" | "healthPath" | "packageManager">;

const appPort = 8080;

/** What no image build needs to be sent. */
export const dockerignoreText = [".git", ".env*", "node_modules", "dist", "build", "coverage", "*.log", ""].join("\n");

/** A Dockerfile that serves a folder of files as an unprivileged user, after building it where `steps` says how. */
export function staticDockerfile(output: string, spaFallback: boolean, steps?: BuildSteps): string {
	const folder = steps ? `--from=build /app/${output === "." ? "" : output}` : output;
	return join([
		...(steps ? buildStage(steps) : []),
		"FROM nginxinc/nginx-unprivileged:stable-alpine",
		...(spaFallback
			? [
					`RUN printf '%s\\n' 'server { listen ${appPort}; root /usr/share/nginx/html; location / { try_files $uri $uri/ /index.html; } }' > /etc/nginx/conf.d/default.conf`,
				]
			: []),
		`COPY ${folder} /usr/share/nginx/html`,
		`EXPOSE ${appPort}`,
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD wget -q -O /dev/null http://127.0.0.1:${appPort}/ || exit 1`,
	]);
}

/** A Dockerfile that runs a Node program as an unprivileged user. */
export function processDockerfile(plan: ProcessSteps): string {
	const health = `fetch("http://127.0.0.1:${appPort}${plan.healthPath}").then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))`;
	const prune = plan.install !== null && plan.packageManager === "npm" ? ["RUN npm prune --omit=dev"] : [];
	return join([
		...buildStage(plan, prune),
		`FROM node:${plan.nodeVersion ?? "24"}-slim`,
		"ENV NODE_ENV=production",
		`ENV PORT=${appPort}`,
		"WORKDIR /app",
		"COPY --from=build --chown=node:node /app ./",
		"USER node",
		`EXPOSE ${appPort}`,
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "-e", ${JSON.stringify(health)}]`,
		`CMD ${JSON.stringify(plan.start)}`,
	]);
}

function buildStage({ nodeVersion, install, build }: BuildSteps, after: string[] = []): string[] {
	return [
		`FROM node:${nodeVersion ?? "24"}-slim AS build`,
		"WORKDIR /app",
		"COPY . .",
		...(install ? [`RUN ${execForm(install)}`] : []),
		...(build ? [`RUN ${execForm(build)}`] : []),
		...after,
		"",
	];
}

/** Exec form: no shell has to understand the arguments. */
function execForm(command: readonly string[]): string {
	return JSON.stringify(command);
}

function join(lines: string[]): string {
	return `${lines.join("\n")}\n`;
}
