/** `node deploy-examples.ts URL…`: starts a platform, deploys each address, and prints as JSON how it went. */
import { deploy, getPreview } from "./deployments.ts";
import { startPlatform } from "./platform.ts";

const platform = await startPlatform();
try {
	const results = [];
	for (const url of process.argv.slice(2)) {
		const { status, previewUrl, error } = await deploy(platform, url);
		results.push({
			url,
			status,
			error: error && `${error.message} ${error.lines.join(" ")}`,
			preview: previewUrl === null ? null : (await getPreview(previewUrl)).status,
		});
	}
	process.stdout.write(JSON.stringify(results));
} finally {
	await platform.stop();
}
