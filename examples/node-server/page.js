/** The page for a visit count and an uptime in seconds. */
exports.page = (visits, uptimeS) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Node server</title>
<style>body{font:1.125rem/1.6 system-ui;max-width:34rem;margin:20vh auto;padding:0 2rem;color-scheme:light dark}</style>
<h1>Your server is live.</h1>
<p>It has answered ${visits} ${visits === 1 ? "visit" : "visits"} and has been up for ${Math.round(uptimeS)} s.</p>
`;
