import { posix } from "node:path";
import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { nginxImage } from "../dockerfiles/base-images.ts";
import type { ContainerFiles } from "../provider.ts";
import { type Monorepo, readMonorepo, under } from "./monorepo.ts";

const appPort = 8080;

/** Releases of Node and of the package managers that images are pinned to where a plan names a major alone. */
const nodeMinors: Readonly<Record<string, string>> = {
	"26": "26.10",
	"24": "24.21",
	"22": "22.23",
	"20": "20.20",
	"18": "18.20",
	"16": "16.20",
	"14": "14.21",
};
const managerVersions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	pnpm: { "12": "12.21.0", "10": "10.20.0", "9": "9.15.9", "8": "8.15.9", "7": "7.33.7", "6": "6.35.1" },
	yarn: { "4": "4.18.1", "3": "3.8.7", "2": "2.4.3", "1": "1.22.22" },
	bun: { "1": "1.4.5" },
};

/** The Dockerfile and .dockerignore of a Node plan: dependencies in a layer of their own, no root at the end, and a check of itself. */
export async function nodeContainerFiles(plan: Plan, workspace: Workspace): Promise<ContainerFiles> {
	const root = plan.installDirectory === null ? workspace : await workspace.at(plan.installDirectory);
	const monorepo = root === null || plan.installDirectory === null ? null : await readMonorepo(root);
	const manifests = root === null ? [] : await manifestsOf(root);
	return {
		dockerfile: plan.kind === "static" ? siteImage(plan, manifests, monorepo) : appImage(plan, manifests, monorepo),
		dockerignore: dockerignore(plan),
	};
}

/** Files that decide what is installed: they are copied before everything else, so that a change of the sources installs nothing anew. */
async function manifestsOf(root: Workspace): Promise<string[]> {
	const names = [
		"package.json",
		"package-lock.json",
		"npm-shrinkwrap.json",
		"pnpm-lock.yaml",
		"pnpm-workspace.yaml",
		"yarn.lock",
		".yarnrc.yml",
		"bun.lock",
		"bun.lockb",
		".npmrc",
	];
	const found: string[] = [];
	for (const name of names) if (await root.isFile(name)) found.push(name);
	return found;
}

function siteImage(plan: Plan, manifests: readonly string[], monorepo: Monorepo | null): string {
	const output = posix.join("/app", appFolder(plan), plan.output ?? ".");
	const fallback = `printf '%s\\n' 'server { listen ${appPort}; root /usr/share/nginx/html; location / { try_files $uri $uri/ $uri.html /index.html; } }' > /etc/nginx/conf.d/default.conf`;
	return text([
		...buildStage(plan, manifests, monorepo),
		"",
		`FROM ${nginxImage}`,
		...(plan.spaFallback ? [`RUN ${fallback}`] : []),
		`COPY --from=build ${output} /usr/share/nginx/html`,
		"USER nginx",
		`EXPOSE ${appPort}`,
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:${appPort}/"]`,
	]);
}

function appImage(plan: Plan, manifests: readonly string[], monorepo: Monorepo | null): string {
	const port = plan.port ?? appPort;
	const health = `fetch("http://127.0.0.1:${port}${plan.healthPath}").then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))`;
	const folder = posix.join("/app", appFolder(plan));
	return text([
		...buildStage(plan, manifests, monorepo),
		...prune(plan),
		"",
		"FROM base",
		"ENV NODE_ENV=production",
		`ENV PORT=${port} HOST=0.0.0.0`,
		...environment(plan),
		"WORKDIR /app",
		"COPY --from=build --chown=node:node /app ./",
		...(folder === "/app" ? [] : [`WORKDIR ${folder}`]),
		"USER node",
		`EXPOSE ${port}`,
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", ${JSON.stringify(health)}]`,
		`CMD ${JSON.stringify(plan.start)}`,
	]);
}

function buildStage(plan: Plan, manifests: readonly string[], monorepo: Monorepo | null): string[] {
	const members = monorepo?.members.map(({ folder }) => `COPY ${folder}/package.json ${folder}/`) ?? [];
	const folder = posix.join("/app", appFolder(plan));
	const version = plan.nodeVersion ?? "24";
	return [
		`FROM node:${nodeMinors[version] ?? version}-slim AS base`,
		...managerSetUp(plan),
		"",
		"FROM base AS build",
		"WORKDIR /app",
		...environment(plan),
		...(plan.install === null
			? []
			: [...(manifests.length > 0 ? [`COPY ${manifests.join(" ")} ./`] : []), ...members, `RUN ${JSON.stringify(plan.install)}`]),
		"COPY . .",
		...(folder === "/app" ? [] : [`WORKDIR ${folder}`]),
		...(plan.build === null ? [] : [`RUN ${JSON.stringify(plan.build)}`]),
	];
}

/** npm comes with Node; the others are added at their version. */
function managerSetUp({ tools }: Plan): string[] {
	return tools.flatMap(({ name, version }) => {
		if (name === "npm" && version !== null) return [`RUN ["npm", "install", "--global", "npm@${version}"]`];
		if (name !== "pnpm" && name !== "yarn" && name !== "bun") return [];
		const known = managerVersions[name] ?? {};
		const exact = known[version ?? ""] ?? version ?? Object.values(known).at(-1) ?? "";
		// Images of Node come with Yarn 1; later ones are published under another name.
		const spec = name === "yarn" && !exact.startsWith("1.") ? `@yarnpkg/cli-dist@${exact}` : `${name}@${exact}`;
		return [`RUN ["npm", "install", "--global", "--force", "${spec}"]`];
	});
}

function prune({ install, packageManager, installDirectory }: Plan): string[] {
	if (install === null || installDirectory !== null) return [];
	if (packageManager === "npm") return ['RUN ["npm", "prune", "--omit=dev"]'];
	return packageManager === "pnpm" ? ['RUN ["pnpm", "prune", "--prod"]'] : [];
}

function environment({ env }: Plan): string[] {
	return Object.entries(env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`);
}

/** The app's folder in the image, whose root is the folder of the installation. */
function appFolder({ directory, installDirectory }: Plan): string {
	return installDirectory === null ? "" : directory.slice(installDirectory === "" ? 0 : installDirectory.length + 1);
}

function dockerignore({ output, directory, installDirectory }: Plan): string {
	const folder = appFolder({ directory, installDirectory } as Plan);
	const built = output === null || output === "." ? [] : [under(folder, output)];
	return text([".git", ".env", ".env.*", "**/node_modules", "**/.next", "coverage", "*.log", "Dockerfile", ".dockerignore", ...built]);
}

function text(lines: readonly string[]): string {
	return `${lines.join("\n")}\n`;
}
