/** Requests loops from the worker, one at a time; of the requests made meanwhile only the newest is kept. */

import type { Metadata } from "../../clients/max/technogan-metadata.mjs";
import type { Answer, Loop, Request } from "./messages";
import RenderWorker from "./worker?worker&inline";

export interface Listener {
  opened(metadata: Metadata, seed?: number[]): void;
  ready(): void;
  made(loop: Loop): void;
  failed(text: string): void;
}

export class Renderer {
  #worker = new RenderWorker();
  #busy = false;
  #next: Request | undefined;

  constructor(private readonly listener: Listener) {
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#answered(data);
    this.#worker.onerror = (event) => this.#answered({ kind: "failed", text: event.message });
  }

  /** Shows the first loop; other requests wait until its model is open. */
  first(bytes: Uint8Array<ArrayBuffer>, sampleRate: number): void {
    this.#busy = true;
    this.#worker.postMessage({ kind: "first", bytes, sampleRate } satisfies Request, [bytes.buffer]);
  }

  runtime(bytes: Uint8Array<ArrayBuffer>): void {
    this.#worker.postMessage({ kind: "runtime", bytes } satisfies Request, [bytes.buffer]);
  }

  /** Opens a model. keepsLoop: it is the model of the first loop, so that loop stays. */
  model(bytes: Uint8Array<ArrayBuffer>, { keepsLoop = false } = {}): void {
    if (!keepsLoop) this.#next = undefined;
    this.#busy = true;
    this.#worker.postMessage({ kind: "model", bytes, keepsLoop } satisfies Request, [bytes.buffer]);
  }

  render(seed: number[], nFrames: number): void {
    this.#next = { kind: "render", seed, nFrames };
    this.#send();
  }

  #send(): void {
    if (this.#busy || !this.#next) return;
    this.#busy = true;
    this.#worker.postMessage(this.#next);
    this.#next = undefined;
  }

  #answered(answer: Answer): void {
    if (answer.kind === "first") {
      this.listener.opened(answer.metadata, answer.loop.seed);
      this.listener.made(answer.loop);
      return;
    }
    this.#busy = false;
    this.#send();
    if (answer.kind === "opened") this.listener.opened(answer.metadata);
    else if (answer.kind === "ready") this.listener.ready();
    else if (answer.kind === "loop") this.listener.made(answer);
    else this.listener.failed(answer.text);
  }
}
