/** The messages between page and worker. */

import type { Metadata } from "../../clients/max/technogan-metadata.mjs";

/** keepsLoop: the model is that of the first loop, so nothing on the page changes. */
export type Request =
  | { kind: "first"; bytes: Uint8Array<ArrayBuffer>; sampleRate: number }
  | { kind: "runtime"; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "model"; bytes: Uint8Array<ArrayBuffer>; keepsLoop: boolean }
  | { kind: "render"; seed: number[]; nFrames: number };

/**
 * A loop. samples: at the model's rate; frames: the same at the sound card's rate; image: (n_bins, n_frames), lowest
 * bin first, -1 to 1.
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
  | { kind: "first"; metadata: Metadata; loop: Loop }
  | { kind: "ready" }
  | { kind: "opened"; metadata: Metadata }
  | Loop
  | { kind: "failed"; text: string };

/** The loop that is rendered when the page is built, as JSON. */
export interface FirstLoop {
  metadata: Metadata;
  seed: number[];
  samples: number[];
  image: number[];
}

/** Returns the length of a loop in samples. Every beat is a whole number of samples, so loops never drift apart. */
export function countFrames({ beats }: Metadata, sampleRate: number, bpm: number): number {
  return beats * Math.round((60 * sampleRate) / bpm);
}
