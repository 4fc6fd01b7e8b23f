/** The model at work, beside the page, so that hands and sound never wait for it. */

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { type Facts, factsOf } from "../../clients/max/technogan-facts.mjs";
import { type Answer, type FirstLoop, framesOf, type Loop, type Request } from "./messages";
import { resampled } from "./resample";

// More threads need a page that a server isolates.
env.wasm.numThreads = 1;

let session: InferenceSession | undefined;
let facts: Facts | undefined;
let made: Omit<Loop, "frames"> | undefined;

async function follow(request: Request): Promise<Answer | undefined> {
  switch (request.kind) {
    case "first":
      return first(request.bytes, request.sampleRate);
    case "runtime":
      env.wasm.wasmBinary = request.bytes.buffer;
      await compiled();
      return undefined;
    case "model":
      return open(request.bytes, request.goesOn);
    case "render": {
      const loop = await render(request.seed);
      return { ...loop, frames: resampled(loop.samples, request.nFrames) };
    }
  }
}

/** ONNX Runtime compiles itself for its first model, whatever that is; so it begins before there is one. */
async function compiled(): Promise<void> {
  await InferenceSession.create(new Uint8Array(1)).catch(() => undefined);
}

function first(bytes: Uint8Array, sampleRate: number): Answer {
  const given: FirstLoop = JSON.parse(new TextDecoder().decode(bytes));
  const [samples, image] = [Float32Array.from(given.samples), Float32Array.from(given.image)];
  made = { kind: "loop", seed: given.seed, samples, image, milliseconds: 0 };
  const frames = resampled(samples, framesOf(given.facts, sampleRate, given.facts.bpm));
  return { kind: "first", facts: given.facts, loop: { ...made, frames } };
}

async function open(bytes: Uint8Array, goesOn: boolean): Promise<Answer> {
  const described = factsOf(bytes);
  // All optimizations take seconds in a browser, and make the runs no shorter.
  const opened = await InferenceSession.create(bytes, { graphOptimizationLevel: "basic" });
  if (!opened.outputNames.includes("samples")) {
    await opened.release();
    throw new Error(`${described.name} has no sound; make it one with: technogan export-audio ${described.name}`);
  }
  await session?.release();
  [session, facts] = [opened, described];
  if (goesOn) return { kind: "ready" };
  made = undefined;
  return { kind: "opened", facts: described };
}

/** A loop that was made last is not made again: another tempo only resamples it. */
async function render(seed: number[]): Promise<Omit<Loop, "frames">> {
  if (!session || !facts) throw new Error("there is no model yet");
  if (made?.seed.join() === seed.join()) return made;
  const begun = performance.now();
  const [input] = session.inputMetadata;
  const shape = input?.isTensor && input.shape.length === 3 ? [1, 1, seed.length] : [1, seed.length];
  const given = new Tensor("float32", Float32Array.from(seed), shape);
  const { samples, image } = await session.run({ seed: given });
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
      const answer = await follow(data);
      if (answer) self.postMessage(answer);
    } catch (error) {
      self.postMessage({ kind: "failed", text: error instanceof Error ? error.message : String(error) });
    }
  });
};
