/** What page and worker say to each other. */

import type { Facts } from "../../clients/max/technogan-facts.mjs";

/** goesOn: the model is the one that the first loop was made with, and nothing on the page changes. */
export type Request =
  | { kind: "first"; bytes: Uint8Array<ArrayBuffer>; sampleRate: number }
  | { kind: "runtime"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "model"; bytes: Uint8Array<ArrayBuffer>; goesOn: boolean }
  | { kind: "render"; seed: number[]; nFrames: number };

/**
 * A loop. samples: the model's own; frames: the same at the sound card's rate; image: rows from the lowest bin up,
 * (n_bins, n_frames), -1 to 1.
 */
export interface Loop {
  kind: "loop";
  seed: number[];
  samples: Float32Array<ArrayBuffer>;
  frames: Float32Array<ArrayBuffer>;
  image: Float32Array<ArrayBuffer>;
  milliseconds: number;
}

export type Answer =
  | { kind: "first"; facts: Facts; loop: Loop }
  | { kind: "ready" }
  | { kind: "opened"; facts: Facts }
  | Loop
  | { kind: "failed"; text: string };

/** What the page begins with, as JSON: a loop that was made when the page was built. */
export interface FirstLoop {
  facts: Facts;
  seed: number[];
  samples: number[];
  image: number[];
}

/** Samples of one loop at a tempo and a rate. Every beat is a whole number of them: loops never drift apart. */
export function framesOf({ beats }: Facts, sampleRate: number, bpm: number): number {
  return beats * Math.round((60 * sampleRate) / bpm);
}
