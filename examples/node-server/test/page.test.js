const { test } = require("node:test");
const assert = require("node:assert");
const { page } = require("../page.js");

test("one visit is a visit, two are visits", () => {
	assert.match(page(1, 0), /1 visit and/);
	assert.match(page(2, 0), /2 visits and/);
});
