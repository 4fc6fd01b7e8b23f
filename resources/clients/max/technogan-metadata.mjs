/**
 * Reads the metadata of an ONNX model file without a library.
 *
 * An ONNX file is one protobuf message: a sequence of fields, each a tag and a value. Field 14 holds the metadata as
 * key-value pairs; all other fields are skipped.
 */

const METADATA_FIELD = 14;
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const SPEC_KEY = "technogan.spec";
const FREQUENCIES_KEY = "technogan.frequencies";

/**
 * @typedef {object} Metadata
 * @property {string} name
 * @property {string[]} stems names of the parts of a loop; none for most models
 * @property {number} latentSize
 * @property {number} sliderMin
 * @property {number} sliderMax
 * @property {number} sliderScale latent = slider * sliderScale
 * @property {number} bpm
 * @property {number} beats per loop
 * @property {number} nFrames
 * @property {number} nBins
 * @property {number} nSamples
 * @property {number[]} frequencies of the image's rows, in cycles per sample
 * @property {number} sampleRate in Hz at `bpm`; not always a whole number
 */

/**
 * @param {Uint8Array} file a model's bytes
 * @returns {Metadata}
 * @throws {Error} if the file is not a TechnoGAN model
 */
export function readMetadata(file) {
  const entries = readEntries(file);
  const text = entries.get(SPEC_KEY);
  if (text === undefined) throw new Error("this file is not a TechnoGAN model: it has no TechnoGAN metadata");
  const spec = JSON.parse(text);
  const { n_frames: nFrames, n_bins: nBins, hop_length: hop, beats } = spec.format;
  const frequencies = entries.get(FREQUENCIES_KEY);
  return {
    name: spec.name,
    stems: spec.stems ?? [],
    latentSize: spec.latent_size,
    sliderMin: spec.slider_min,
    sliderMax: spec.slider_max,
    sliderScale: spec.slider_scale,
    bpm: spec.bpm,
    beats,
    nFrames,
    nBins,
    nSamples: nFrames * hop,
    // Files without frequencies contain an STFT.
    frequencies: frequencies ? JSON.parse(frequencies) : Array.from({ length: nBins }, (_, row) => row / (2 * nBins)),
    sampleRate: (nFrames * hop * spec.bpm) / (60 * beats),
  };
}

/**
 * @param {Uint8Array} file
 * @returns {Map<string, string>}
 */
function readEntries(file) {
  const found = new Map();
  for (const { number, body } of fields(file)) {
    if (number !== METADATA_FIELD) continue;
    const texts = new Map();
    for (const part of fields(body)) texts.set(part.number, new TextDecoder().decode(part.body));
    found.set(texts.get(1), texts.get(2) ?? "");
  }
  return found;
}

/** @param {Uint8Array} message */
function* fields(message) {
  let offset = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (offset >= message.length) throw new Error("this is not an ONNX model, or it is cut short");
      const byte = message[offset++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error("this is not an ONNX model");
  };
  while (offset < message.length) {
    const tag = varint();
    const kind = tag % 8;
    let length = 0;
    if (kind === BYTES) length = varint();
    else if (kind === FIXED64) length = 8;
    else if (kind === FIXED32) length = 4;
    else if (kind === VARINT) varint();
    else throw new Error("this is not an ONNX model");
    const end = offset + length;
    if (end > message.length) throw new Error("this is not an ONNX model, or it is cut short");
    yield { number: Math.floor(tag / 8), body: message.subarray(offset, end) };
    offset = end;
  }
}
