import { compiledProgram } from "../compiled.ts";
import { rustImage } from "../dockerfiles/rust.ts";
import { languageProvider } from "../language-plan.ts";
import { fixedPort, withPort } from "../port.ts";
import { lineOf } from "../provider.ts";
import { findRustPrograms, listensIn, rustFrameworks, rustListens, rustVersion } from "../rust.ts";

/** Cargo packages with a program in them. */
export const rustProvider = languageProvider({
	name: "rust",
	called: "Rust",
	signs: ["Cargo.toml"],
	image: rustImage,
	async detect(workspace) {
		const programs = await findRustPrograms(workspace);
		const [program, ...others] = programs ?? [];
		if (program === undefined) return null;
		const { manifest, main } = program;
		const known = rustFrameworks.find(([name]) => manifest.names.includes(name));
		const rocket = known?.[0] === "rocket";
		const locked = await workspace.isFile("Cargo.lock");
		const rust = await rustVersion(workspace, manifest.text);
		const listens = listensIn(program);
		const place = rustListens.exec(main.text)?.[0] ?? "fn main";
		const warnings: string[] = [];
		if (!locked) warnings.push("There is no Cargo.lock: each build may get other versions of the dependencies.");
		if (others.length > 0)
			warnings.push(
				`There are other programs too: ${others
					.slice(0, 5)
					.map(({ name }) => name)
					.join(", ")}. ${program.name} is built.`,
			);
		if (!listens) warnings.push(`Nothing in ${main.file} seems to listen on a port.`);
		return {
			language: "Rust",
			framework: known?.[1] ?? "Rust",
			summary: `Detected ${known ? `${known[1]} application` : "a Rust server"}, Cargo, builds ${program.name}`,
			kind: "process",
			build: buildCommand(program.name, program.package, locked),
			// Rocket has variables of its own for where it listens.
			start: rocket ? withPort(`env ROCKET_ADDRESS=0.0.0.0 ROCKET_PORT="$PORT" ./${compiledProgram}`) : [`./${compiledProgram}`],
			port: fixedPort(main.text),
			tools: [{ name: "rust", version: rust.version }],
			confidence: listens ? 0.96 : 0.5,
			evidence: [
				{ file: "Cargo.toml", line: 1, means: "A Cargo project" },
				...(known ? [{ file: manifest.file, line: lineOf(manifest.text, known[0]), means: `Uses ${known[1]}` }] : []),
				{ file: main.file, line: lineOf(main.text, place), means: listens ? "A program that listens" : "A program" },
				...(locked ? [{ file: "Cargo.lock", line: null, means: "Cargo, with exact versions" }] : []),
				...rust.evidence,
			],
			warnings,
		};
	},
});

/** Builds outside of the tree, where what was compiled is kept for the next build, and takes the program alone. */
function buildCommand(name: string, member: string | null, locked: boolean): string[] {
	const flags = `--release${locked ? " --locked" : ""}${member === null ? "" : ' --package "$2"'} --bin "$1"`;
	const text = `cargo build ${flags} && mkdir -p .quayside && cp "\${CARGO_TARGET_DIR:-target}/release/$1" ${compiledProgram}`;
	return ["sh", "-c", text, "build", name, ...(member === null ? [] : [member])];
}
