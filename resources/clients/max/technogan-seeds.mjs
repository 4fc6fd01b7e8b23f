/** Ways from one seed to another. A seed is an array of slider values. */

/**
 * `steps` seeds from start to end, both included; one step gives the start.
 *
 * @param {ArrayLike<number>} start
 * @param {ArrayLike<number>} end
 * @param {number} steps
 */
export function fade(start, end, steps) {
  return Array.from({ length: steps }, (_, i) => between(start, end, i / Math.max(steps - 1, 1)));
}

/**
 * `steps` seeds from start to end and back, closing into a loop: the start is not repeated at the end.
 *
 * @param {ArrayLike<number>} start
 * @param {ArrayLike<number>} end
 * @param {number} steps
 */
export function pingpong(start, end, steps) {
  const half = Math.max(Math.floor(steps / 2), 1);
  return Array.from({ length: steps }, (_, k) => between(start, end, Math.min(Math.min(k, steps - k) / half, 1)));
}

/**
 * The seed at `position` (0 start .. 1 end) on the straight line between two.
 *
 * @param {ArrayLike<number>} start
 * @param {ArrayLike<number>} end
 * @param {number} position
 */
export function between(start, end, position) {
  return Array.from(start, (value, i) => value + (end[i] - value) * position);
}

/**
 * As networks know seeds: normally distributed, never uniform, in whole slider steps.
 *
 * @param {{latentSize: number, sliderMin: number, sliderMax: number, sliderScale: number}} facts
 * @param {() => number} random uniform in [0, 1)
 */
export function randomSeed(facts, random = Math.random) {
  return Array.from({ length: facts.latentSize }, () => {
    // Box and Muller 1958.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(Math.max(Math.round(normal / facts.sliderScale), facts.sliderMin), facts.sliderMax);
  });
}
