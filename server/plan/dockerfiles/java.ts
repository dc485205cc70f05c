import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { presentOf, versionOf } from "../language-plan.ts";
import { imageVersions } from "./base-images.ts";
import { addressOf, aptInstall, type Image } from "./image.ts";

/** Versions that are kept up for years. */
const longLived = [21, 25];

/** The image of a Java program. What is read by `java FILE.java` alone needs the compiler also while it runs. */
export async function javaImage(plan: Plan, workspace: Workspace): Promise<Image> {
	const asked = Number(versionOf(plan, "java") ?? imageVersions.java);
	const version = longLived.find((candidate) => candidate >= asked) ?? asked;
	const maven = plan.tools.some(({ name }) => name === "maven");
	const gradle = plan.tools.some(({ name }) => name === "gradle");
	const wrapper = await presentOf(workspace, ["mvnw", "gradlew"]);
	return {
		builder: maven ? `maven:3.9-eclipse-temurin-${version}` : gradle ? `gradle:8-jdk${version}` : `eclipse-temurin:${version}-jdk`,
		runner: `eclipse-temurin:${version}-${plan.build === null ? "jdk" : "jre"}`,
		prepareRunner: [aptInstall("wget")],
		prepare: wrapper.length > 0 && !maven && !gradle ? [aptInstall("unzip")] : [],
		...(maven && { manifests: ["pom.xml"], fetch: ["mvn", "--batch-mode", "dependency:go-offline"] }),
		env: { ...plan.env, JAVA_TOOL_OPTIONS: "-XX:MaxRAMPercentage=60" },
		install: plan.install,
		build: plan.build,
		start: plan.start,
		health: ["wget", "-q", "-O", "/dev/null", addressOf(plan)],
	};
}
