/** What page and worker say to each other. */

import type { Facts } from "../../clients/max/technogan-facts.mjs";

export type Request =
  | { kind: "runtime"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "model"; bytes: Uint8Array<ArrayBuffer> }
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

export type Answer = { kind: "opened"; facts: Facts } | Loop | { kind: "failed"; text: string };
