/**
 * A page that opens from a folder, without a server: from there browsers load plain scripts only, no modules, no workers
 * in files of their own and nothing by fetch. So the page is one script, and what is binary is text in scripts beside it.
 */

import { readFileSync } from "node:fs";
import path from "node:path";
import { defineConfig, type Plugin } from "vite";

const model = process.env["TECHNOGAN_AUDIO_MODEL"];
if (!model) throw new Error("TECHNOGAN_AUDIO_MODEL names the .audio.onnx file that the page begins with");

const runtime = path.join(import.meta.dirname, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm");

/** Binary files as scripts that hand them to the page; see `src/assets.ts`. */
function assetScripts(files: Record<string, string>): Plugin {
  return {
    name: "asset-scripts",
    generateBundle() {
      for (const [name, file] of Object.entries(files)) {
        const text = readFileSync(file).toString("base64");
        this.emitFile({ type: "asset", fileName: `${name}.js`, source: `technoganAsset("${name}", "${text}");\n` });
      }
    },
  };
}

/** ONNX Runtime names its own .wasm file by a URL, which would be bundled once more; the page hands it the bytes. */
function withoutRuntimeFile(): Plugin {
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
  plugins: [withoutRuntimeFile(), assetScripts({ runtime, model }), plainScript()],
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
  worker: { format: "iife", plugins: () => [withoutRuntimeFile()] },
});
