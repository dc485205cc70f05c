const { createServer } = require("node:http");
const { page } = require("./page.js");

let visits = 0;
const server = createServer((request, response) => {
	if (request.url === "/") visits += 1;
	response.setHeader("content-type", "text/html; charset=utf-8");
	response.end(page(visits, process.uptime()));
});

server.listen(process.env.PORT || 3000, () => console.log("listening on port", server.address().port));
