/**
 * TechnoGAN for Max's node.script: passes messages from the patch to the service and its answers to the outlet.
 *
 * Max provides its module to require() only, so this file is CommonJS and imports the other modules.
 */

"use strict";

const { mkdtemp } = require("node:fs/promises");
const { tmpdir } = require("node:os");
const path = require("node:path");
const max = require("max-api");

async function start() {
  const { Service } = await import("./technogan-service.mjs");
  const { Model, findModel } = await import("./technogan-model.mjs");
  const folder = await mkdtemp(path.join(tmpdir(), "TechnoGAN-"));
  const answer = (...values) => max.outlet(values).catch((error) => max.post(String(error)));
  const service = new Service({ open: Model.open, folder, answer });
  max.addHandler(max.MESSAGE_TYPES.ALL, (handled, command, ...values) => {
    if (!handled) void service.handle(String(command), values);
  });
  const file = await findModel(__dirname);
  if (file !== undefined) await service.handle("model", [file]);
  answer("init");
}

start().catch((error) => {
  const missing = error.code === "ERR_MODULE_NOT_FOUND";
  const text = missing ? "onnxruntime-node is missing: press 'install' once" : String(error.message ?? error);
  max.post(String(error));
  max.outlet(["error", "start", -1, "start", text]);
});
