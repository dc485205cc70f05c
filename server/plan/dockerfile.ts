import type { Plan, ToolName } from "../../lib/protocol/index.ts";
import { debianImage, imageVersions, nginxImage } from "./dockerfiles/base-images.ts";
import type { ContainerFiles } from "./provider.ts";

const appPort = 8080;

/** What no image build needs to be sent. */
export const dockerignoreText = [".git", ".env", ".env.*", "**/node_modules", "coverage", "*.log", "Dockerfile", ".dockerignore", ""].join(
	"\n",
);

/** A Dockerfile that serves a folder of files as an unprivileged user. */
export function staticDockerfile(output: string, spaFallback: boolean): string {
	const fallback = `printf '%s\\n' 'server { listen ${appPort}; root /usr/share/nginx/html; location / { try_files $uri $uri/ $uri.html /index.html; } }' > /etc/nginx/conf.d/default.conf`;
	return join([
		`FROM ${nginxImage}`,
		...(spaFallback ? [`RUN ${fallback}`] : []),
		`COPY ${output} /usr/share/nginx/html`,
		"USER nginx",
		`EXPOSE ${appPort}`,
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${appPort}/"]`,
	]);
}

/** Images in which the programs of a language are. */
const images: Readonly<Partial<Record<ToolName, string>>> = {
	node: `node:${imageVersions.node}-slim`,
	bun: `oven/bun:${imageVersions.bun}-slim`,
	deno: `denoland/deno:debian-${imageVersions.deno}`,
	python: `python:${imageVersions.python}-slim`,
	ruby: `ruby:${imageVersions.ruby}-slim`,
	php: `php:${imageVersions.php}-cli`,
	go: `golang:${imageVersions.go}-bookworm`,
	rust: `rust:${imageVersions.rust}-slim-bookworm`,
	java: `eclipse-temurin:${imageVersions.java}-jdk`,
};

/** The texts for a project of which only its commands are known. */
export function ownContainerFiles(plan: Plan): ContainerFiles {
	if (plan.kind === "static" && plan.install === null && plan.build === null)
		return { dockerfile: staticDockerfile(plan.output ?? ".", plan.spaFallback), dockerignore: dockerignoreText };
	const language = plan.tools.find(({ name }) => images[name] !== undefined)?.name;
	const port = plan.port ?? appPort;
	const steps = [plan.install, plan.build].flatMap((command) => (command === null ? [] : [`RUN ${JSON.stringify(command)}`]));
	const base = (language && images[language]) ?? debianImage;
	const environment = Object.entries(plan.env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`);
	const built = [`FROM ${base} AS build`, "WORKDIR /app", ...environment, "COPY . .", ...steps, ""];
	if (plan.kind === "static")
		return {
			dockerfile: join([...built, staticDockerfile(`--from=build /app/${plan.output ?? ""}`, plan.spaFallback).trimEnd()]),
			dockerignore: dockerignoreText,
		};
	const dockerfile = join([
		...built,
		`FROM ${base}`,
		"RUN useradd --create-home --uid 10001 app",
		`ENV PORT=${port} HOST=0.0.0.0`,
		...environment,
		"WORKDIR /app",
		"COPY --from=build --chown=app:app /app ./",
		"USER app",
		`EXPOSE ${port}`,
		// Bash is in all of these images; no other program surely is.
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${port}"]`,
		`CMD ${JSON.stringify(plan.start)}`,
	]);
	return { dockerfile, dockerignore: dockerignoreText };
}

function join(lines: readonly string[]): string {
	return `${lines.join("\n")}\n`;
}
