/** Stand-in for Max's module: reads messages and writes outlet values as lines of JSON. */

"use strict";

const { createInterface } = require("node:readline");

const ALL = "all";
const handlers = [];

exports.MESSAGE_TYPES = { ALL };
exports.outlet = async (values) => console.log(JSON.stringify(values));
exports.post = (text) => console.error(text);
exports.addHandler = (kind, handler) => {
  if (kind !== ALL) throw new Error(`unexpected message type ${kind}`);
  handlers.push(handler);
};

createInterface({ input: process.stdin })
  .on("line", (line) => handlers.forEach((handler) => handler(false, ...JSON.parse(line))))
  .on("close", () => process.exit(0));
