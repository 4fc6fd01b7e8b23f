/** Writes loops as mono 24-bit WAV files with tempo and loop points. */

const HEADER = 12;
const FORMAT = 16;
const SAMPLER = 60;
const ACID = 24;
const FULL_SCALE = 2 ** 23 - 1;
const MIDDLE_C = 60;
const STRETCHES = 4;
const NO_ROOT = 0x8000;

/**
 * @param {Float32Array} samples in [-1, 1]; values beyond are clipped
 * @param {{sampleRate: number, bpm: number, beats: number}} metadata beats: length of these samples
 * @returns {Uint8Array<ArrayBuffer>} the file
 */
export function encodeWav(samples, { sampleRate, bpm, beats }) {
  const rate = Math.round(sampleRate);
  const size = 3 * samples.length;
  const data = encode24Bit(samples);
  const chunks = [
    chunk("fmt ", FORMAT, (view) => {
      view.setUint16(0, 1, true);
      view.setUint16(2, 1, true);
      view.setUint32(4, rate, true);
      view.setUint32(8, rate * 3, true);
      view.setUint16(12, 3, true);
      view.setUint16(14, 24, true);
    }),
    chunk("smpl", SAMPLER, (view) => {
      view.setUint32(8, Math.round(1e9 / rate), true);
      view.setUint32(12, MIDDLE_C, true);
      view.setUint32(28, 1, true);
      view.setUint32(48, samples.length - 1, true);
    }),
    chunk("acid", ACID, (view) => {
      view.setUint32(0, STRETCHES, true);
      view.setUint16(4, MIDDLE_C, true);
      view.setUint16(6, NO_ROOT, true);
      view.setUint32(12, beats, true);
      view.setUint16(16, 4, true);
      view.setUint16(18, 4, true);
      view.setFloat32(20, bpm, true);
    }),
    chunk("data", size, (_, bytes) => bytes.set(data)),
  ];
  const length = chunks.reduce((total, each) => total + each.length, 0);
  const file = new Uint8Array(HEADER + length);
  file.set(new TextEncoder().encode("RIFF\0\0\0\0WAVE"));
  new DataView(file.buffer).setUint32(4, HEADER - 8 + length, true);
  let offset = HEADER;
  for (const each of chunks) {
    file.set(each, offset);
    offset += each.length;
  }
  return file;
}

/**
 * @param {string} name
 * @param {number} size
 * @param {(view: DataView, bytes: Uint8Array) => void} fill
 */
function chunk(name, size, fill) {
  const bytes = new Uint8Array(8 + size + (size % 2));
  bytes.set(new TextEncoder().encode(name));
  new DataView(bytes.buffer).setUint32(4, size, true);
  fill(new DataView(bytes.buffer, 8), bytes.subarray(8));
  return bytes;
}

/** @param {Float32Array} samples */
function encode24Bit(samples) {
  const bytes = new Uint8Array(3 * samples.length);
  samples.forEach((sample, i) => {
    const value = Math.round(Math.min(Math.max(sample, -1), 1) * FULL_SCALE);
    bytes[3 * i] = value;
    bytes[3 * i + 1] = value >> 8;
    bytes[3 * i + 2] = value >> 16;
  });
  return bytes;
}
