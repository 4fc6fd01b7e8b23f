/**
 * Does the work of the OSC bridge for a patch, without a network: takes commands, answers them, writes loops to files.
 *
 * It runs one job at a time. A newer request for a slot replaces a waiting one, which is answered as superseded. Every
 * command is answered, and no message from a patch ends the service.
 */

import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fade, pingpong } from "./technogan-seeds.mjs";
import { encodeWav } from "./technogan-wav.mjs";

const MAX_FILES = 256;
const MAX_STEPS = 1024;
const VERSION = "0.1.0";

class RequestError extends Error {
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
   * @param {string} parts.folder for the loops
   * @param {(...answer: (string | number)[]) => void} parts.answer
   */
  constructor({ open, folder, answer }) {
    this._open = open;
    this._folder = folder;
    this._answer = answer;
    this._model = null;
    /** @type {Map<number, {command: string, run: () => Promise<void>}>} */
    this._waiting = new Map();
    /** @type {string[][]} the files of each job */
    this._files = [];
    this._count = 0;
    this._work = Promise.resolve();
  }

  /**
   * Handles one command of a patch; resolves when it is answered.
   *
   * @param {string} command
   * @param {unknown[]} values
   */
  async handle(command, values) {
    const id = command.startsWith("generate") ? Number(values[0]) : -1;
    try {
      await this._run(command, values);
    } catch (error) {
      this._sendError(command, id, error);
    }
  }

  /**
   * @param {string} command
   * @param {unknown[]} values
   */
  async _run(command, values) {
    const size = this._model?.metadata.latentSize ?? 64;
    switch (command) {
      case "model":
        return this._enqueue(() => this._load(String(values[0])));
      case "status":
        return this._sendStatus();
      case "generate_single_wav_id": {
        const [id, ...seed] = numbers(values, 1 + size);
        return this._job(command, id, () => this._make(id, "single", [seed]));
      }
      case "generate_stems_id": {
        const [id, ...seed] = numbers(values, 1 + size);
        return this._job(command, id, () => this._makeStems(id, seed));
      }
      case "generate_fade":
      case "generate_pingpong": {
        const [id, steps, ...seeds] = numbers(values, 2 + 2 * size);
        if (!Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS) {
          throw new RequestError("argument", `steps is ${steps}; use a whole number from 1 to ${MAX_STEPS}`);
        }
        const interpolate = command === "generate_fade" ? fade : pingpong;
        const name = command.slice("generate_".length);
        const between = () => interpolate(seeds.slice(0, size), seeds.slice(size), steps);
        return this._job(command, id, () => this._make(id, name, between()));
      }
      default:
        throw new RequestError("unknown", `unknown command ${command}`);
    }
  }

  /** @param {string} file */
  async _load(file) {
    this._model = await this._open(file);
    this._sendStatus();
  }

  _sendStatus() {
    const metadata = this._model?.metadata;
    if (!metadata) {
      this._answer("msg", "no model loaded: put a file from technogan export-audio next to the patch, or open one");
      return;
    }
    const { name, latentSize, bpm, sampleRate } = metadata;
    this._answer("status", VERSION, name, latentSize, bpm, Math.round(sampleRate), this._folder, this._waiting.size);
  }

  /**
   * @param {string} command
   * @param {number} id
   * @param {() => Promise<void>} run
   */
  _job(command, id, run) {
    if (!Number.isInteger(id)) throw new RequestError("argument", `slot ${id} is not a whole number`);
    const earlier = this._waiting.get(id);
    if (earlier) this._sendError(earlier.command, id, new RequestError("superseded", "a newer request replaced it"));
    const job = { command, run };
    this._waiting.set(id, job);
    return this._enqueue(async () => {
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
    if (!this._model) throw new RequestError("model", "no model loaded");
    const start = performance.now();
    const { metadata } = this._model;
    const samples = await this._model.render(seeds);
    const content = encodeWav(samples, { ...metadata, beats: metadata.beats * seeds.length });
    const files = await this._write(`${name}${id}`, new Map([["", content]]));
    this._answer("wav_id", id, ...files, `Generated ${name} in ${secondsSince(start)} sec.`);
  }

  /**
   * @param {number} id
   * @param {number[]} seed
   */
  async _makeStems(id, seed) {
    if (!this._model) throw new RequestError("model", "no model loaded");
    const start = performance.now();
    const { metadata } = this._model;
    const stems = await this._model.renderStems(seed);
    if (stems.length === 0) throw new RequestError("no_stems", `the model ${metadata.name} has no stems`);
    const contents = new Map(stems.map((samples, i) => [`-${metadata.stems[i]}`, encodeWav(samples, metadata)]));
    const files = await this._write(`single${id}`, contents);
    this._answer("stems_id", id, ...files, `Generated single in ${secondsSince(start)} sec.`);
  }

  /**
   * Writes whole files or nothing, and returns their paths. Max needs forward slashes on every system.
   *
   * @param {string} name
   * @param {Map<string, Uint8Array>} contents by the ends of their names
   */
  async _write(name, contents) {
    await mkdir(this._folder, { recursive: true });
    this._count += 1;
    const numbered = `${name}-${String(this._count).padStart(6, "0")}`;
    /** @type {string[]} */
    const files = [];
    this._files.push(files);
    for (const [end, content] of contents) {
      const file = path.join(this._folder, `${numbered}${end}.wav`);
      try {
        await writeFile(`${file}.part`, content);
        await rename(`${file}.part`, file);
      } finally {
        await rm(`${file}.part`, { force: true });
      }
      files.push(file);
    }
    while (this._files.length > MAX_FILES) {
      for (const old of this._files.shift() ?? []) await rm(old, { force: true });
    }
    return files.map((file) => file.replaceAll("\\", "/"));
  }

  /**
   * Runs work after all earlier jobs.
   *
   * @param {() => Promise<void>} work
   */
  _enqueue(work) {
    const done = this._work.then(work);
    this._work = done.catch(() => {});
    return done;
  }

  /**
   * @param {string} command
   * @param {number} id
   * @param {unknown} error
   */
  _sendError(command, id, error) {
    const text = error instanceof Error ? error.message : String(error);
    this._answer("error", command, Number.isFinite(id) ? id : -1, error instanceof RequestError ? error.code : "failed", text);
  }
}

/** @param {number} start */
function secondsSince(start) {
  return ((performance.now() - start) / 1000).toFixed(2);
}

/**
 * @param {unknown[]} values
 * @param {number} count
 */
function numbers(values, count) {
  if (values.length !== count) throw new RequestError("argument", `expected ${count} numbers, got ${values.length}`);
  const wrong = values.find((value) => typeof value !== "number" || !Number.isFinite(value));
  if (wrong !== undefined) throw new RequestError("argument", `${String(wrong)} is not a number`);
  return /** @type {number[]} */ (values);
}
