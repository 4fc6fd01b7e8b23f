/** Tests of the service behind Max's node.script, in plain Node with a stand-in model. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readMetadata } from "../../../resources/clients/max/technogan-metadata.mjs";
import { fade, pingpong, randomSeed } from "../../../resources/clients/max/technogan-seeds.mjs";
import { Service } from "../../../resources/clients/max/technogan-service.mjs";
import { encodeWav } from "../../../resources/clients/max/technogan-wav.mjs";

const METADATA = { name: "sums", stems: ["kick", "rest"], latentSize: 64, bpm: 128, beats: 1, nSamples: 8, sampleRate: 34952.53 };
const SEED = Array.from({ length: 64 }, (_, i) => i - 32);
const OTHER = SEED.map((value) => -value);

let folder, answers, service, rendered;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "technogan-test-"));
  answers = [];
  rendered = [];
  const model = {
    metadata: METADATA,
    render: async (seeds) => {
      rendered.push(seeds);
      return new Float32Array(8 * seeds.length).fill(seeds[0][0] / 128);
    },
    renderStems: async (seed) => METADATA.stems.map((_, i) => new Float32Array(8).fill(((i + 1) * seed[0]) / 384)),
  };
  service = new Service({ open: async () => model, folder, answer: (...values) => answers.push(values) });
  await service.handle("model", ["sums.audio.onnx"]);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const last = () => answers.at(-1);

test("opening a model reports its status", () => {
  assert.deepEqual(last(), ["status", "0.1.0", "sums", 64, 128, 34953, folder, 0]);
});

test("a seed becomes a file, and the answer names slot and file", async () => {
  await service.handle("generate_single_wav_id", [3, ...SEED]);
  const [what, id, file] = last();
  assert.deepEqual([what, id], ["wav_id", 3]);
  assert.equal((await readFile(file)).subarray(0, 4).toString(), "RIFF");
  assert.deepEqual(rendered, [[SEED]]);
});

test("a seed becomes one file per stem, and the answer names slot and files", async () => {
  await service.handle("generate_stems_id", [3, ...SEED]);
  const [what, id, ...files] = last().slice(0, -1);
  assert.deepEqual([what, id], ["stems_id", 3]);
  assert.deepEqual(files.map((file) => path.basename(file)), ["single3-000001-kick.wav", "single3-000001-rest.wav"]);
  const samples = (await Promise.all(files.map((file) => readFile(file)))).map((wav) => wav.readIntLE(wav.length - 3, 3));
  assert.ok(Math.abs(samples[0] + samples[1] + 2 ** 21) < 8, String(samples));
});

test("a model without stems is reported", async () => {
  const plain = { metadata: { ...METADATA, stems: [] }, renderStems: async () => [] };
  const other = new Service({ open: async () => plain, folder, answer: (...values) => answers.push(values) });
  await other.handle("model", ["plain.audio.onnx"]);
  await other.handle("generate_stems_id", [3, ...SEED]);
  assert.deepEqual(last(), ["error", "generate_stems_id", 3, "no_stems", "the model sums has no stems"]);
  assert.deepEqual(await readdir(folder), []);
});

for (const [command, middle] of [["generate_fade", 0], ["generate_pingpong", 32]]) {
  test(`${command} renders all its steps as one loop`, async () => {
    await service.handle(command, [2, 3, ...SEED, ...OTHER]);
    assert.equal(last()[0], "wav_id");
    assert.equal(rendered[0].length, 3);
    assert.deepEqual(rendered[0][0], SEED);
    assert.equal(rendered[0][1][0], middle);
  });
}

test("a newer request for a slot replaces the waiting one", async () => {
  const asked = [SEED, OTHER].map((seed) => service.handle("generate_single_wav_id", [1, ...seed]));
  await Promise.all(asked);
  assert.deepEqual(answers.slice(1).map((answer) => answer[0]), ["error", "wav_id"]);
  assert.equal(answers[1][3], "superseded");
  assert.deepEqual(rendered, [[OTHER]]);
});

for (const [name, command, values, code] of [
  ["an unknown command", "dance", [], "unknown"],
  ["too few values", "generate_single_wav_id", [1, 2, 3], "argument"],
  ["NaN", "generate_single_wav_id", [1, ...SEED.with(5, Number.NaN)], "argument"],
  ["a word among the values", "generate_single_wav_id", [1, ...SEED.with(5, "five")], "argument"],
  ["a slot that is not a whole number", "generate_single_wav_id", [1.5, ...SEED], "argument"],
  ["no steps", "generate_fade", [1, 0, ...SEED, ...OTHER], "argument"],
  ["too many steps", "generate_fade", [1, 1025, ...SEED, ...OTHER], "argument"],
]) {
  test(`${name} is answered with an error, and the next request is rendered`, async () => {
    await service.handle(command, values);
    assert.deepEqual([last()[0], last()[1], last()[3]], ["error", command, code]);
    await service.handle("generate_single_wav_id", [1, ...SEED]);
    assert.equal(last()[0], "wav_id");
  });
}

test("an unwritable folder is reported", async () => {
  await rm(folder, { recursive: true });
  await writeFile(folder, "");
  await service.handle("generate_single_wav_id", [4, ...SEED]);
  assert.deepEqual([last()[0], last()[2]], ["error", 4]);
});

test("files have names of their own, and the newest 256 are kept", async () => {
  for (let i = 0; i < 258; i++) await service.handle("generate_single_wav_id", [1, ...SEED]);
  const names = await readdir(folder);
  assert.equal(names.length, 256);
  assert.ok(!names.includes("single1-000002.wav") && names.includes("single1-000003.wav"));
});

test("without a model requests are answered with an error", async () => {
  const empty = new Service({ open: () => assert.fail(), folder, answer: (...values) => answers.push(values) });
  await empty.handle("status", []);
  assert.equal(last()[0], "msg");
  await empty.handle("generate_single_wav_id", [1, ...SEED]);
  assert.deepEqual([last()[0], last()[3]], ["error", "model"]);
});

test("fades reach their end, one step is the start, and a pingpong closes", () => {
  assert.deepEqual(fade([0], [8], 5), [[0], [2], [4], [6], [8]]);
  assert.deepEqual(fade([3], [8], 1), [[3]]);
  assert.deepEqual(pingpong([0], [8], 4), [[0], [4], [8], [4]]);
  assert.deepEqual(pingpong([3], [8], 1), [[3]]);
});

test("a random seed is normally distributed over the sliders", () => {
  const metadata = { latentSize: 4096, sliderMin: -128, sliderMax: 127, sliderScale: 3 / 128 };
  let state = 1;
  const seed = randomSeed(metadata, () => (state = (state * 48271) % 2147483647) / 2147483647);
  const spread = Math.hypot(...seed) / Math.sqrt(seed.length);
  assert.ok(Math.abs(spread - 128 / 3) < 2, String(spread));
  assert.ok(seed.every((value) => Number.isInteger(value) && value >= -128 && value <= 127));
});

test("samples survive 24 bits, and values beyond full scale are clipped", () => {
  const wav = encodeWav(new Float32Array([0, 0.5, -0.5, 1, -2]), { sampleRate: 34952.53, bpm: 128, beats: 1 });
  const text = Buffer.from(wav);
  const data = text.indexOf("data") + 8;
  const got = [0, 1, 2, 3, 4].map((i) => text.readIntLE(data + 3 * i, 3) / (2 ** 23 - 1));
  [0, 0.5, -0.5, 1, -1].forEach((value, i) => assert.ok(Math.abs(got[i] - value) < 1e-6));
  assert.equal(text.readUInt32LE(4), text.length - 8);
  assert.equal(text.readUInt32LE(24), 34953);
});

for (const [name, bytes] of [
  ["nothing", []],
  ["text", [...Buffer.from("this is not a model")]],
  ["a field that is longer than the file", [0x72, 0x7f, 0x01]],
  ["an endless number", Array(20).fill(0xff)],
]) {
  test(`${name} is not a model`, () => {
    assert.throws(() => readMetadata(Uint8Array.from(bytes)), /not an ONNX model|not a TechnoGAN model/);
  });
}
