import { nginxImage } from "./base-images.ts";
import { addressOf, type Image } from "./image.ts";

/** The second stage of a site: the built folder behind a server that runs without root and checks itself. */
export function siteFrom(output: string): Pick<Image, "runner" | "start" | "user" | "health" | "keep"> {
	return {
		runner: nginxImage,
		start: null,
		user: "nginx",
		health: ["wget", "-q", "-O", "/dev/null", addressOf({ port: null, healthPath: "/" })],
		keep: [[`/app/${output}`, "/usr/share/nginx/html"]],
	};
}
