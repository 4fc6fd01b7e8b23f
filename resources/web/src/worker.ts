/** Runs the model in a worker, so that controls and sound never wait for it. */

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { type Metadata, readMetadata } from "../../clients/max/technogan-metadata.mjs";
import { type Answer, type FirstLoop, countFrames, type Loop, type Request } from "./messages";
import { resample } from "./resample";

// More threads need a cross-origin isolated page.
env.wasm.numThreads = 1;

let session: InferenceSession | undefined;
let metadata: Metadata | undefined;
let made: Omit<Loop, "frames"> | undefined;

async function handle(request: Request): Promise<Answer | undefined> {
  switch (request.kind) {
    case "first":
      return first(request.bytes, request.sampleRate);
    case "runtime":
      env.wasm.wasmBinary = request.bytes.buffer;
      await compileRuntime();
      return undefined;
    case "model":
      return open(request.bytes, request.keepsLoop);
    case "render": {
      const loop = await render(request.seed);
      return { ...loop, frames: resample(loop.samples, request.nFrames) };
    }
  }
}

/** Compiles ONNX Runtime early: any bytes as a model start the compilation. */
async function compileRuntime(): Promise<void> {
  await InferenceSession.create(new Uint8Array(1)).catch(() => undefined);
}

function first(bytes: Uint8Array, sampleRate: number): Answer {
  const given: FirstLoop = JSON.parse(new TextDecoder().decode(bytes));
  const [samples, image] = [Float32Array.from(given.samples), Float32Array.from(given.image)];
  made = { kind: "loop", seed: given.seed, samples, image, milliseconds: 0 };
  const frames = resample(samples, countFrames(given.metadata, sampleRate, given.metadata.bpm));
  return { kind: "first", metadata: given.metadata, loop: { ...made, frames } };
}

async function open(bytes: Uint8Array, keepsLoop: boolean): Promise<Answer> {
  const described = readMetadata(bytes);
  // Full optimisation takes seconds in a browser and does not make the runs faster.
  const opened = await InferenceSession.create(bytes, { graphOptimizationLevel: "basic" });
  if (!opened.outputNames.includes("samples")) {
    await opened.release();
    throw new Error(`${described.name} renders no sound; export it with: technogan export-audio ${described.name}`);
  }
  await session?.release();
  [session, metadata] = [opened, described];
  if (keepsLoop) return { kind: "ready" };
  made = undefined;
  return { kind: "opened", metadata: described };
}

/** Renders a seed, unless it is the last one: another tempo only resamples its loop. */
async function render(seed: number[]): Promise<Omit<Loop, "frames">> {
  if (!session || !metadata) throw new Error("no model loaded");
  if (made?.seed.join() === seed.join()) return made;
  const begun = performance.now();
  const [input] = session.inputMetadata;
  const shape = input?.isTensor && input.shape.length === 3 ? [1, 1, seed.length] : [1, seed.length];
  const given = new Tensor("float32", Float32Array.from(seed), shape);
  const { samples, image } = await session.run({ seed: given }, ["samples", "image"]);
  const milliseconds = performance.now() - begun;
  made = { kind: "loop", seed, samples: values(samples), image: values(image), milliseconds };
  return made;
}

function values(tensor: Tensor | undefined): Float32Array<ArrayBuffer> {
  return new Float32Array(tensor?.data as Float32Array);
}

let work = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  work = work.then(async () => {
    try {
      const answer = await handle(data);
      if (answer) self.postMessage(answer);
    } catch (error) {
      self.postMessage({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
    }
  });
};
