/**
 * What the bridge does for a patch, without a network: commands in, answers out, loops as files.
 *
 * One job at a time. A newer request for a slot takes the place of one that still waits, which is answered as
 * superseded. Every command is answered; nothing that a patch says ends the service.
 */

import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fade, pingpong } from "./technogan-seeds.mjs";
import { wavOf } from "./technogan-wav.mjs";

const KEPT = 256;
const MAX_STEPS = 1024;
const VERSION = "0.1.0";

class Refusal extends Error {
  /**
   * @param {string} code
   * @param {string} text
   */
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

export class Service {
  /**
   * @param {object} parts
   * @param {(file: string) => Promise<import("./technogan-model.mjs").Model>} parts.open
   * @param {string} parts.folder where loops are written
   * @param {(...answer: (string | number)[]) => void} parts.answer
   */
  constructor({ open, folder, answer }) {
    this._open = open;
    this._folder = folder;
    this._answer = answer;
    this._model = null;
    /** @type {Map<number, {command: string, run: () => Promise<void>}>} */
    this._waiting = new Map();
    /** @type {string[]} */
    this._files = [];
    this._count = 0;
    this._work = Promise.resolve();
  }

  /**
   * Follow one command of a patch; resolves when it is answered.
   *
   * @param {string} command
   * @param {unknown[]} values
   */
  async take(command, values) {
    const id = command.startsWith("generate") ? Number(values[0]) : -1;
    try {
      await this._follow(command, values);
    } catch (error) {
      this._refuse(command, id, error);
    }
  }

  /**
   * @param {string} command
   * @param {unknown[]} values
   */
  async _follow(command, values) {
    const size = this._model?.facts.latentSize ?? 64;
    switch (command) {
      case "model":
        return this._next(() => this._load(String(values[0])));
      case "status":
        return this._tell();
      case "generate_single_wav_id": {
        const [id, ...seed] = numbers(values, 1 + size);
        return this._job(command, id, "single", () => [seed]);
      }
      case "generate_fade":
      case "generate_pingpong": {
        const [id, steps, ...seeds] = numbers(values, 2 + 2 * size);
        if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
          throw new Refusal("argument", `steps is ${steps}; it must be a whole number from 1 to ${MAX_STEPS}`);
        }
        const way = command === "generate_fade" ? fade : pingpong;
        const name = command.slice("generate_".length);
        return this._job(command, id, name, () => way(seeds.slice(0, size), seeds.slice(size), steps));
      }
      default:
        throw new Refusal("unknown", `there is no command ${command}`);
    }
  }

  /** @param {string} file */
  async _load(file) {
    this._model = await this._open(file);
    this._tell();
  }

  _tell() {
    const facts = this._model?.facts;
    if (!facts) {
      this._answer("msg", "there is no model yet: put one made by technogan export-audio beside the patch, or open it");
      return;
    }
    const { name, latentSize, bpm, sampleRate } = facts;
    this._answer("status", VERSION, name, latentSize, bpm, Math.round(sampleRate), this._folder, this._waiting.size);
  }

  /**
   * @param {string} command
   * @param {number} id
   * @param {string} name
   * @param {() => number[][]} seeds
   */
  _job(command, id, name, seeds) {
    if (!Number.isInteger(id)) throw new Refusal("argument", `slot ${id} is no whole number`);
    const earlier = this._waiting.get(id);
    if (earlier) this._refuse(earlier.command, id, new Refusal("superseded", "a newer request took its place"));
    const job = { command, run: () => this._make(id, name, seeds()) };
    this._waiting.set(id, job);
    return this._next(async () => {
      if (this._waiting.get(id) !== job) return;
      this._waiting.delete(id);
      await job.run();
    });
  }

  /**
   * @param {number} id
   * @param {string} name
   * @param {number[][]} seeds
   */
  async _make(id, name, seeds) {
    if (!this._model) throw new Refusal("model", "there is no model yet");
    const begun = performance.now();
    const { facts } = this._model;
    const samples = await this._model.render(seeds);
    const file = await this._write(`${name}${id}`, wavOf(samples, { ...facts, beats: facts.beats * seeds.length }));
    this._answer("wav_id", id, file, `Generated ${name} in ${((performance.now() - begun) / 1000).toFixed(2)} sec.`);
  }

  /**
   * Whole or not at all; Max wants forward slashes everywhere.
   *
   * @param {string} name
   * @param {Uint8Array} content
   */
  async _write(name, content) {
    await mkdir(this._folder, { recursive: true });
    this._count += 1;
    const file = path.join(this._folder, `${name}-${String(this._count).padStart(6, "0")}.wav`);
    try {
      await writeFile(`${file}.part`, content);
      await rename(`${file}.part`, file);
    } finally {
      await rm(`${file}.part`, { force: true });
    }
    this._files.push(file);
    while (this._files.length > KEPT) await rm(/** @type {string} */ (this._files.shift()), { force: true });
    return file.replaceAll("\\", "/");
  }

  /**
   * After all that was asked for before.
   *
   * @param {() => Promise<void>} work
   */
  _next(work) {
    const done = this._work.then(work);
    this._work = done.catch(() => {});
    return done;
  }

  /**
   * @param {string} command
   * @param {number} id
   * @param {unknown} error
   */
  _refuse(command, id, error) {
    const text = error instanceof Error ? error.message : String(error);
    this._answer("error", command, Number.isFinite(id) ? id : -1, error instanceof Refusal ? error.code : "failed", text);
  }
}

/**
 * @param {unknown[]} values
 * @param {number} count
 */
function numbers(values, count) {
  if (values.length !== count) throw new Refusal("argument", `${count} numbers are needed, not ${values.length}`);
  const wrong = values.find((value) => typeof value !== "number" || !Number.isFinite(value));
  if (wrong !== undefined) throw new Refusal("argument", `${String(wrong)} is no number`);
  return /** @type {number[]} */ (values);
}
