/** Asks the worker for loops, one at a time; of what is asked for meanwhile only the newest counts. */

import type { Facts } from "../../clients/max/technogan-facts.mjs";
import type { Answer, Loop, Request } from "./messages";
import RenderWorker from "./worker?worker&inline";

export interface Listener {
  opened(facts: Facts, seed?: number[]): void;
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

  /** The loop to begin with; others wait until its model is there. */
  first(bytes: Uint8Array<ArrayBuffer>, sampleRate: number): void {
    this.#busy = true;
    this.#worker.postMessage({ kind: "first", bytes, sampleRate } satisfies Request, [bytes.buffer]);
  }

  runtime(bytes: Uint8Array<ArrayBuffer>): void {
    this.#worker.postMessage({ kind: "runtime", bytes } satisfies Request, [bytes.buffer]);
  }

  /** goesOn: it is the first loop's model. Any other begins anew. */
  model(bytes: Uint8Array<ArrayBuffer>, { goesOn = false } = {}): void {
    if (!goesOn) this.#next = undefined;
    this.#busy = true;
    this.#worker.postMessage({ kind: "model", bytes, goesOn } satisfies Request, [bytes.buffer]);
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
      this.listener.opened(answer.facts, answer.loop.seed);
      this.listener.made(answer.loop);
      return;
    }
    this.#busy = false;
    this.#send();
    if (answer.kind === "opened") this.listener.opened(answer.facts);
    else if (answer.kind === "ready") this.listener.ready();
    else if (answer.kind === "loop") this.listener.made(answer);
    else this.listener.failed(answer.text);
  }
}
