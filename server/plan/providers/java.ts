import type { Evidence, Tool } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { javaImage } from "../dockerfiles/java.ts";
import { findJavaMain, javaVersion } from "../java.ts";
import { type LanguagePlan, languageProvider } from "../language-plan.ts";
import { withPort } from "../port.ts";
import { lineOf } from "../provider.ts";

/** Java programs that listen: built by Maven or Gradle, or of the JDK alone. */
export const javaProvider = languageProvider({
	name: "java",
	called: "Java",
	signs: ["pom.xml", "build.gradle", "build.gradle.kts"],
	image: javaImage,
	detect: async (workspace) => (await mavenPlan(workspace)) ?? (await gradlePlan(workspace)) ?? (await plainPlan(workspace)),
});

interface Framework {
	name: string;
	/** What its name in a build file contains. */
	sign: string;
	/** Arguments of `java` that say where it listens; `$PORT` is the port. */
	options: string;
	/** Where the program lies after the build, when it is not the usual jar. */
	jar?: string;
}

const frameworks: readonly Framework[] = [
	{ name: "Spring Boot", sign: "org.springframework.boot", options: '-Dserver.port="$PORT"' },
	{
		name: "Quarkus",
		sign: "io.quarkus",
		options: '-Dquarkus.http.host=0.0.0.0 -Dquarkus.http.port="$PORT"',
		jar: "quarkus-app/quarkus-run.jar",
	},
	{ name: "Micronaut", sign: "io.micronaut", options: '-Dmicronaut.server.port="$PORT"' },
	{ name: "Javalin", sign: "io.javalin", options: "" },
	{ name: "Helidon", sign: "io.helidon", options: '-Dserver.port="$PORT"' },
	{ name: "Vert.x", sign: "io.vertx", options: "" },
	{ name: "Ktor", sign: "io.ktor", options: "" },
	{ name: "Spark", sign: "spark-core", options: "" },
];

async function mavenPlan(workspace: Workspace): Promise<LanguagePlan | null> {
	const file = "pom.xml";
	const text = await workspace.read(file, 1024 * 1024);
	if (text === null || /<packaging>\s*pom\s*</.test(text)) return null;
	const wrapper = await workspace.isFile("mvnw");
	return builtPlan(
		workspace,
		{ file, text },
		{
			manager: "Maven",
			build: [...(wrapper ? ["sh", "mvnw"] : ["mvn"]), "--batch-mode", "-DskipTests", "package"],
			tool: wrapper ? null : "maven",
			folder: "target",
			evidence: wrapper ? [{ file: "mvnw", line: null, means: "Brings its own Maven" }] : [],
		},
	);
}

async function gradlePlan(workspace: Workspace): Promise<LanguagePlan | null> {
	for (const file of ["build.gradle", "build.gradle.kts"]) {
		const text = await workspace.read(file);
		if (text === null) continue;
		const wrapper = await workspace.isFile("gradlew");
		return builtPlan(
			workspace,
			{ file, text },
			{
				manager: "Gradle",
				build: [...(wrapper ? ["sh", "gradlew"] : ["gradle"]), "--no-daemon", "--console=plain", "build", "-x", "test"],
				tool: wrapper ? null : "gradle",
				folder: "build/libs",
				evidence: wrapper ? [{ file: "gradlew", line: null, means: "Brings its own Gradle" }] : [],
			},
		);
	}
	return null;
}

interface Builder {
	manager: string;
	build: string[];
	/** null where a script of the repository fetches it. */
	tool: "maven" | "gradle" | null;
	/** Where it puts jars. */
	folder: string;
	evidence: Evidence[];
}

async function builtPlan(workspace: Workspace, build: { file: string; text: string }, builder: Builder): Promise<LanguagePlan> {
	const framework = frameworks.find(({ sign }) => build.text.includes(sign));
	const java = await javaVersion(workspace, build);
	const tools: Tool[] = [{ name: "java", version: java.version }];
	if (builder.tool !== null) tools.push({ name: builder.tool, version: null });
	const version = java.version === null ? "" : `, Java ${java.version}`;
	return {
		language: "Java",
		framework: framework?.name ?? "Java",
		summary: `Detected ${framework ? `${framework.name} application` : "a Java program"}${version}, ${builder.manager}`,
		kind: "process",
		build: builder.build,
		start: withPort(`java ${[framework?.options, "-jar", jarOf(builder, framework)].filter(Boolean).join(" ")}`),
		tools,
		confidence: framework ? 0.96 : 0.6,
		evidence: [
			{ file: build.file, line: null, means: `Built by ${builder.manager}` },
			...(framework ? [{ file: build.file, line: lineOf(build.text, framework.sign), means: `Uses ${framework.name}` }] : []),
			...builder.evidence,
			...java.evidence,
		],
		warnings: framework ? [] : ["No web framework is known in its build file: the jar must have a main class and listen on PORT."],
	};
}

/** The one jar that runs: builds put others beside it. */
function jarOf({ folder, manager }: Builder, framework: Framework | undefined): string {
	if (framework?.jar !== undefined) return manager === "Gradle" ? `build/${framework.jar}` : `target/${framework.jar}`;
	return `"$(ls -S ${folder}/*.jar | grep -Ev -e '-(plain|sources|javadoc|tests)[.]jar$' -e '/original-' | head -n 1)"`;
}

async function plainPlan(workspace: Workspace): Promise<LanguagePlan | null> {
	const main = await findJavaMain(workspace);
	if (main === null) return null;
	const java = await javaVersion(workspace, null);
	// One file alone is compiled by `java` itself as it starts.
	const single = main.files === 1;
	const classes = ".quayside/classes";
	return {
		language: "Java",
		framework: "Java",
		summary: `Detected a Java server, no build tool, starts with java ${single ? main.file : main.className}`,
		kind: "process",
		build: single ? null : ["sh", "-c", `find . -name '*.java' -not -path './.*' -print0 | xargs -0 javac -d ${classes}`],
		start: single ? ["java", main.file] : ["java", "-cp", classes, main.className],
		port: main.port,
		tools: [{ name: "java", version: java.version ?? (single ? "11" : null) }],
		confidence: 0.8,
		evidence: [{ file: main.file, line: main.line, means: "A program that listens" }, ...java.evidence],
		warnings: [],
	};
}
