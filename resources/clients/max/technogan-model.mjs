/** Runs a model exported with `technogan export-audio`, in onnxruntime-node. */

import { readFile, readdir } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { readMetadata } from "./technogan-metadata.mjs";

const SUFFIX = ".audio.onnx";

export class Model {
  /**
   * @param {InferenceSession} session
   * @param {import("./technogan-metadata.mjs").Metadata} metadata
   */
  constructor(session, metadata) {
    this.metadata = metadata;
    this._session = session;
    const [input] = session.inputMetadata;
    /** True if the model renders several seeds as one loop. */
    this.sequences = input.isTensor && input.shape.length === 3;
  }

  /** @param {string} file a path; throws if it is not a model exported with `technogan export-audio` */
  static async open(file) {
    const bytes = await readFile(file);
    const metadata = readMetadata(bytes);
    const cores = availableParallelism?.() ?? cpus().length;
    const session = await InferenceSession.create(bytes, {
      // Leave one core for the audio; spinning idle threads would take it.
      intraOpNumThreads: Math.max(1, cores - 1),
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    if (!session.outputNames.includes("samples")) {
      throw new Error(`${path.basename(file)} renders no sound; export it with: technogan export-audio ${metadata.name} --sequence`);
    }
    return new Model(session, metadata);
  }

  /**
   * Renders these seeds, one after another, as one loop.
   *
   * @param {number[][]} seeds
   * @returns {Promise<Float32Array>} nSamples per seed
   */
  async render(seeds) {
    return this._render(seeds, "samples");
  }

  /**
   * Renders one loop as its stems, whose sum is the loop.
   *
   * @param {number[]} seed
   * @returns {Promise<Float32Array[]>} nSamples each, in the order of `metadata.stems`; none if the model has no stems
   */
  async renderStems(seed) {
    const { stems, nSamples } = this.metadata;
    if (stems.length === 0) return [];
    const samples = await this._render([seed], "stems");
    return stems.map((_, i) => samples.subarray(i * nSamples, (i + 1) * nSamples));
  }

  /**
   * @param {number[][]} seeds
   * @param {string} output
   */
  async _render(seeds, output) {
    if (seeds.length > 1 && !this.sequences) {
      throw new Error("this model renders single loops only; export it with --sequence");
    }
    const size = this.metadata.latentSize;
    const shape = this.sequences ? [1, seeds.length, size] : [1, size];
    const seed = new Tensor("float32", Float32Array.from(seeds.flat()), shape);
    const outputs = await this._session.run({ seed }, [output]);
    const rendered = /** @type {Float32Array} */ (outputs[output].data);
    if (!rendered.every(Number.isFinite)) throw new Error("the model renders no sound for this seed");
    return rendered;
  }
}

/**
 * Returns the first .audio.onnx file of a folder, by name, or undefined.
 *
 * @param {string} folder
 */
export async function findModel(folder) {
  const name = (await readdir(folder)).filter((each) => each.endsWith(SUFFIX)).sort()[0];
  return name === undefined ? undefined : path.join(folder, name);
}
