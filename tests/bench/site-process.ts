/** A site with nothing before it: `node site-process.ts FOLDER SOCKET`. */
import { createServer } from "node:http";
import { serveStaticSite } from "../../server/targets/local/static-site.ts";

const [folder = "", socketPath = ""] = process.argv.slice(2);
const serve = serveStaticSite({ releaseId: "bench", folder, spaFallback: false });
createServer((request, response) => serve(request, response, () => response.writeHead(404).end())).listen(socketPath, () =>
	process.send?.("ready"),
);
