/** A model with its sound, opened by onnxruntime-node. */

import { readFile, readdir } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { factsOf } from "./technogan-facts.mjs";

const SUFFIX = ".audio.onnx";

export class Model {
  /**
   * @param {InferenceSession} session
   * @param {import("./technogan-facts.mjs").Facts} facts
   */
  constructor(session, facts) {
    this.facts = facts;
    this._session = session;
    const [input] = session.inputMetadata;
    /** Whether it makes one loop of several seeds. */
    this.sequences = input.isTensor && input.shape.length === 3;
  }

  /** @param {string} file a path; throws where it is no model with its sound */
  static async open(file) {
    const bytes = await readFile(file);
    const facts = factsOf(bytes);
    const cores = availableParallelism?.() ?? cpus().length;
    const session = await InferenceSession.create(bytes, {
      // One core is the sound's, and idle threads that spin would take it.
      intraOpNumThreads: Math.max(1, cores - 1),
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    if (!session.outputNames.includes("samples")) {
      throw new Error(`${path.basename(file)} has no sound; make one with: technogan export-audio ${facts.name} --sequence`);
    }
    return new Model(session, facts);
  }

  /**
   * One loop over these seeds, one after another.
   *
   * @param {number[][]} seeds
   * @returns {Promise<Float32Array>} nSamples for each seed
   */
  async render(seeds) {
    if (seeds.length > 1 && !this.sequences) {
      throw new Error("this model makes single loops only; export it with --sequence");
    }
    const size = this.facts.latentSize;
    const shape = this.sequences ? [1, seeds.length, size] : [1, size];
    const seed = new Tensor("float32", Float32Array.from(seeds.flat()), shape);
    const { samples } = await this._session.run({ seed }, ["samples"]);
    const made = /** @type {Float32Array} */ (samples.data);
    if (!made.every(Number.isFinite)) throw new Error("the model gives no sound for this seed");
    return made;
  }
}

/**
 * The first model with its sound in a folder, by name; undefined where there is none.
 *
 * @param {string} folder
 */
export async function modelIn(folder) {
  const name = (await readdir(folder)).filter((each) => each.endsWith(SUFFIX)).sort()[0];
  return name === undefined ? undefined : path.join(folder, name);
}
