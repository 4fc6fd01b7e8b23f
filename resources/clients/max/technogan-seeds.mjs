/** Interpolates between seeds. A seed is an array of slider values. */

/**
 * Returns `steps` seeds from start to end, both included; one step returns the start.
 *
 * @param {ArrayLike<number>} start
 * @param {ArrayLike<number>} end
 * @param {number} steps
 */
export function fade(start, end, steps) {
  return Array.from({ length: steps }, (_, i) => lerp(start, end, i / Math.max(steps - 1, 1)));
}

/**
 * Returns `steps` seeds from start to end and back. The start is not repeated at the end, so they form a loop.
 *
 * @param {ArrayLike<number>} start
 * @param {ArrayLike<number>} end
 * @param {number} steps
 */
export function pingpong(start, end, steps) {
  const half = Math.max(Math.floor(steps / 2), 1);
  return Array.from({ length: steps }, (_, k) => lerp(start, end, Math.min(Math.min(k, steps - k) / half, 1)));
}

/**
 * Returns the seed at `position` (0 start, 1 end) on the straight line between two seeds.
 *
 * @param {ArrayLike<number>} start
 * @param {ArrayLike<number>} end
 * @param {number} position
 */
export function lerp(start, end, position) {
  return Array.from(start, (value, i) => value + (end[i] - value) * position);
}

/**
 * Returns a normally distributed seed in whole slider steps, as the networks expect.
 *
 * @param {{latentSize: number, sliderMin: number, sliderMax: number, sliderScale: number}} metadata
 * @param {() => number} random uniform in [0, 1)
 */
export function randomSeed(metadata, random = Math.random) {
  return Array.from({ length: metadata.latentSize }, () => {
    // Box and Muller 1958.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(Math.max(Math.round(normal / metadata.sliderScale), metadata.sliderMin), metadata.sliderMax);
  });
}
