/** Max's own module without Max: messages come as lines of JSON, and what goes to the outlet leaves as such. */

"use strict";

const { createInterface } = require("node:readline");

const ALL = "all";
const handlers = [];

exports.MESSAGE_TYPES = { ALL };
exports.outlet = async (values) => console.log(JSON.stringify(values));
exports.post = (text) => console.error(text);
exports.addHandler = (kind, handler) => {
  if (kind !== ALL) throw new Error(`no messages of ${kind} come here`);
  handlers.push(handler);
};

createInterface({ input: process.stdin })
  .on("line", (line) => handlers.forEach((handler) => handler(false, ...JSON.parse(line))))
  .on("close", () => process.exit(0));
