/**
 * Who may import whom. A folder that is not named here is an error, so a new room gets its rule together with its first file.
 * `lib/errors` and `lib/format` may be imported by all of ours; `server/metrics` and `server/secrets` by all of `server/`.
 */
const everywhere = ["lib/errors", "lib/format"];
const everywhereOnServer = [...everywhere, "server/metrics", "server/secrets"];

const protocol = "lib/protocol";
const deployment = "lib/deployment";

const lib = {
	"lib/errors": [],
	"lib/format": [],
	"lib/turns": [],
	"lib/protocol": [],
	"lib/deployment": [protocol],
	"lib/agui": [protocol, deployment],
	"lib/live": [protocol, deployment],
	"lib/client": [protocol, deployment],
	"lib/services": [protocol, deployment],
};

const server = {
	"server/metrics": [],
	"server/secrets": [],
	"server/db": [protocol, deployment],
	"server/exec": [],
	"server/env": [],
	"server/log": [],
	"server/database-errors": ["lib/services", "server/db"],
	"server/node-identity": [],
	"server/streams": [protocol, deployment, "server/db"],
	"server/auth": [protocol, "lib/services", "lib/turns", "server/db", "server/streams"],
	"server/projects": [protocol, "lib/services", "server/db", "server/streams"],
	"server/models": [protocol, "lib/services", "server/db", "server/streams", "server/exec"],
	"server/source": [protocol, "lib/services", "server/exec"],
	"server/plan": [protocol, "server/source"],
	"server/causes": [protocol, "server/exec", "server/source", "server/plan"],
	"server/fixes": [protocol, "server/exec", "server/source", "server/plan"],
	"server/build": [protocol, "server/exec", "server/source", "server/plan", "server/causes"],
	"server/targets": [protocol, "server/exec", "server/plan", "server/projects"],
	"server/agents": [
		protocol,
		deployment,
		"server/exec",
		"server/models",
		"server/source",
		"server/plan",
		"server/causes",
		"server/fixes",
		"server/build",
		"server/targets",
	],
	"server/pipeline": [
		protocol,
		deployment,
		"lib/services",
		"lib/turns",
		"server/db",
		"server/streams",
		"server/projects",
		"server/exec",
		"server/agents",
	],
	"server/live": [protocol, "lib/services", "server/streams"],
	"server/agui": [protocol, deployment, "lib/agui", "lib/services", "server/db"],
	"server/mcp": [protocol, deployment, "lib/services", "server/auth"],
	"server/edge": [protocol, "server/projects"],
	"server/webhooks": [protocol, "server/db", "server/streams", "server/projects", "server/exec"],
	"server/repositories": [protocol, "server/db", "server/streams", "server/projects", "server/exec"],
	"server/http": [protocol, "lib/services", "server/live", "server/edge", "server/auth"],
	"server/system": [protocol, "lib/services", "server/db", "server/streams", "server/live"],
	"server/boot": ["lib", "server"],
	"server/main": ["lib", "server"],
};

const web = {
	"components/ui": ["lib/class-names"],
	components: ["lib", "components"],
	app: ["lib", "components", "app"],
	bin: ["lib/client", protocol, deployment],
	"next.config": [],
};

/** A room is a folder or a single file: `server/db/…`, `server/boot.ts`. */
const room = (name) => `^${name.replaceAll("/", "\\/")}(\\/|\\.[a-z]+$)`;
const ours = "^(lib|server|app|components|bin)/";

function allow(rooms, always) {
	return Object.entries(rooms).map(([name, targets]) => ({
		name: `${name} may import ${targets.join(", ") || "nothing of ours"}`,
		severity: "error",
		from: { path: room(name), pathNot: name === "components" ? [room("components/ui")] : [] },
		to: { path: ours, pathNot: [name, ...always, ...targets].map(room) },
	}));
}

const named = [...Object.keys(lib), ...Object.keys(server), ...Object.keys(web)];

module.exports = {
	forbidden: [
		...allow(lib, everywhere),
		...allow(server, everywhereOnServer),
		...allow(web, everywhere),
		{
			name: "a folder without a rule",
			comment: "Give it a row in .dependency-cruiser.cjs and in docs/architecture.md.",
			severity: "error",
			from: { path: ours, pathNot: named.map(room) },
			to: {},
		},
		{
			name: "lib runs in the browser",
			comment: "No node:* under lib/, and nothing of Node under components/.",
			severity: "error",
			from: { path: "^(lib|components)/" },
			to: { dependencyTypes: ["core"] },
		},
		{
			name: "nothing of ours imports tests or scripts",
			severity: "error",
			// The command line is started by people, with whatever Node they have, as `npm run` starts the rest.
			from: { path: ours, pathNot: "^bin/quayside\\.js$" },
			to: { path: "^(tests|scripts)/" },
		},
		{ name: "no cycles", severity: "error", from: { path: ours }, to: { circular: true } },
		{ name: "an import that resolves to nothing", severity: "error", from: { path: ours }, to: { couldNotResolve: true } },
	],
	options: {
		doNotFollow: { path: "node_modules" },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.json" },
		enhancedResolveOptions: {
			extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".json", ".css"],
			conditionNames: ["import", "node", "default", "types"],
			exportsFields: ["exports"],
			mainFields: ["module", "main", "types"],
		},
	},
};
