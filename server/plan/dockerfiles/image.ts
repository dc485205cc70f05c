import type { Plan } from "../../../lib/protocol/index.ts";

/** How an image is made: dependencies first, so that they are installed again only when they change; then the rest. */
export interface Image {
	/** Image the project is built in. */
	builder: string;
	/** Image the app runs in. */
	runner: string;
	/** Lines of the builder before anything is copied into it. */
	prepare?: readonly string[];
	/** Files that decide the dependencies. */
	manifests?: readonly string[];
	/** Fetches dependencies where the manifests alone are not enough to install them; `install` then follows the copy of the rest. */
	fetch?: readonly string[];
	/** Set in both stages. */
	env?: Readonly<Record<string, string>>;
	install?: readonly string[] | null;
	build?: readonly string[] | null;
	/** `COPY --from=build` lines of the runner: from and to. Everything below /app by default. */
	keep?: readonly (readonly [from: string, to: string])[];
	/** Lines of the runner before files are copied into it. */
	prepareRunner?: readonly string[];
	/** null: the runner's own, which serves files. */
	start: readonly string[] | null;
	/** Command that tells whether the app answers. */
	health: readonly string[] | string;
	/** User of the runner's own, who may read files but not own them. */
	user?: string;
}

const usualPort = 8080;

/** Where the app of a plan answers in its container. */
export function addressOf({ port, healthPath }: Pick<Plan, "port" | "healthPath">): string {
	return `http://127.0.0.1:${port ?? usualPort}${healthPath}`;
}

/** User and group that no distribution gives to anybody. */
const unprivileged = "10001:10001";

/** Debian packages in one layer that leaves no lists behind. */
export function aptInstall(...packages: string[]): string {
	return `RUN apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")} && rm -rf /var/lib/apt/lists/*`;
}

/** The text of a Dockerfile without root that checks itself: in two stages where something is installed or built. */
export function imageText(image: Image, { port }: Pick<Plan, "port">): string {
	const { user = unprivileged, start, prepareRunner = [], keep = [["/app", "./"]] } = image;
	const owner = user === unprivileged ? `--chown=${user} ` : "";
	const plain = !image.install && !image.build;
	return lines(
		...(plain ? [] : buildStage(image)),
		`FROM ${image.runner}`,
		...prepareRunner,
		...(start === null ? [] : ["WORKDIR /app", ...variables(image), `ENV PORT=${port ?? usualPort}`]),
		...(plain ? [`COPY ${owner}. .`] : keep.map(([from, to]) => `COPY --from=build ${owner}${from} ${to}`)),
		`USER ${user}`,
		`EXPOSE ${port ?? usualPort}`,
		`HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ${typeof image.health === "string" ? image.health : json(image.health)}`,
		start !== null && `CMD ${json(start)}`,
	);
}

function buildStage(image: Image): (string | false)[] {
	const { builder, prepare = [], manifests = [], fetch, install = null, build = null } = image;
	const first = manifests.length === 0 ? null : (fetch ?? install);
	return [
		`FROM ${builder} AS build`,
		...prepare,
		"WORKDIR /app",
		...variables(image),
		...(first === null ? [] : [`COPY ${manifests.join(" ")} ./`, `RUN ${json(first)}`]),
		"COPY . .",
		install !== null && install !== first && `RUN ${json(install)}`,
		build !== null && `RUN ${json(build)}`,
		"",
	];
}

function variables({ env = {} }: Image): string[] {
	return Object.entries(env).map(([name, value]) => `ENV ${name}=${JSON.stringify(value)}`);
}

/** Exec form: no shell has to understand the arguments. */
function json(command: readonly string[]): string {
	return JSON.stringify(command);
}

function lines(...all: (string | false)[]): string {
	return `${all.filter((line) => line !== false).join("\n")}\n`;
}
