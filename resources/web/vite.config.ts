/**
 * Builds a page that opens from a folder, without a server. From a folder, browsers load plain scripts only: no modules,
 * no separate worker files and no fetch. So the page is one script, and binary files are packed as scripts next to it.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { InferenceSession, Tensor } from "onnxruntime-web";
import { defineConfig, type Plugin } from "vite";
import { readMetadata } from "../clients/max/technogan-metadata.mjs";
import { randomSeed } from "../clients/max/technogan-seeds.mjs";
import type { FirstLoop } from "./src/messages";

const model = process.env["TECHNOGAN_AUDIO_MODEL"];
if (!model) throw new Error("set TECHNOGAN_AUDIO_MODEL to the .audio.onnx file for the page");

const runtime = path.join(import.meta.dirname, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");

/** Packs binary files as scripts; see `src/assets.ts`. */
function assetScripts(files: Record<string, () => Uint8Array | Promise<Uint8Array>>): Plugin {
  return {
    name: "asset-scripts",
    async generateBundle() {
      for (const [name, contents] of Object.entries(files)) {
        const text = gzipSync(await contents(), { level: 9 }).toString("base64");
        this.emitFile({ type: "asset", fileName: `${name}.js`, source: `technoganAsset("${name}", "${text}");\n` });
      }
    },
  };
}

/** Renders a first loop, so that the page can play before its model is open. */
async function firstLoop(bytes: Uint8Array): Promise<Uint8Array> {
  const metadata = readMetadata(bytes);
  const seed = randomSeed(metadata, fixedRandom());
  const session = await InferenceSession.create(bytes);
  const { samples, image } = await session.run({ seed: new Tensor("float32", Float32Array.from(seed), [1, seed.length]) });
  const short = (values: Float32Array) => Array.from(values, (value) => Math.round(value * 1e5) / 1e5);
  const found: FirstLoop = {
    metadata,
    seed,
    samples: short(samples?.data as Float32Array),
    image: short(image?.data as Float32Array),
  };
  return new TextEncoder().encode(JSON.stringify(found));
}

/** Uniform in [0, 1). Source: Lehmer's generator with the constants of Park and Miller 1993. */
function fixedRandom(): () => number {
  let state = 128;
  return () => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff;
}

/** Keeps the .wasm file of ONNX Runtime from being bundled twice; the page passes its bytes. */
function dropRuntimeFile(): Plugin {
  return {
    name: "without-runtime-file",
    enforce: "pre",
    transform(code, id) {
      if (!id.includes("onnxruntime-web")) return null;
      return code.replaceAll(/new URL\("ort-wasm[^"]*",\s*import\.meta\.url\)\.href/g, '"unused"');
    },
  };
}

function plainScript(): Plugin {
  return {
    name: "plain-script",
    enforce: "post",
    transformIndexHtml: (html) => html.replaceAll(/ type="module"| crossorigin/g, "").replace("<script src", "<script defer src"),
  };
}

export default defineConfig({
  base: "./",
  plugins: [
    dropRuntimeFile(),
    assetScripts({
      first: () => firstLoop(readFileSync(model)),
      runtime: () => readFileSync(runtime),
      model: () => readFileSync(model),
    }),
    plainScript(),
  ],
  build: {
    outDir: process.env["TECHNOGAN_WEB_OUT"] ?? "dist",
    emptyOutDir: true,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    target: "es2022",
    rollupOptions: {
      output: { format: "iife", entryFileNames: "technogan.js", assetFileNames: "technogan[extname]" },
    },
  },
  worker: { format: "iife", plugins: () => [dropRuntimeFile()] },
});
