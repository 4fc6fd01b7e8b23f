/** Plays one loop without a gap and crossfades to the next at the same position in the bar. */

const FADE_S = 0.02;
const AHEAD_S = 0.03;

export class Player {
  readonly #context = new AudioContext({ latencyHint: "interactive" });
  readonly #level = new GainNode(this.#context);
  #buffer: AudioBuffer | undefined;
  #voice: { source: AudioBufferSourceNode; fade: GainNode } | undefined;
  #begun = 0;

  constructor() {
    this.#level.connect(this.#context.destination);
  }

  get sampleRate(): number {
    return this.#context.sampleRate;
  }

  get playing(): boolean {
    return this.#voice !== undefined;
  }

  /** Position in the loop that is heard now, 0 to 1; undefined while nothing plays. */
  get position(): number | undefined {
    if (!this.#voice || !this.#buffer) return undefined;
    const heard = this.#context.currentTime - this.#context.outputLatency - this.#begun;
    return (((heard / this.#buffer.duration) % 1) + 1) % 1;
  }

  /** Fader position, 0 to 1. */
  set level(fader: number) {
    this.#level.gain.setTargetAtTime(fader ** 2, this.#context.currentTime, FADE_S / 3);
  }

  /** Replaces the loop. frames: at the sound card's rate. */
  load(frames: Float32Array<ArrayBuffer>): void {
    const earlier = this.#buffer;
    this.#buffer = new AudioBuffer({ length: frames.length, sampleRate: this.sampleRate });
    this.#buffer.copyToChannel(frames, 0);
    if (!this.#voice) return;
    const when = this.#context.currentTime + AHEAD_S;
    const share = ((when - this.#begun) / (earlier ?? this.#buffer).duration) % 1;
    this.#begun = when - share * this.#buffer.duration;
    this.#change(when, share * this.#buffer.duration);
  }

  async play(): Promise<void> {
    if (this.playing || !this.#buffer) return;
    await this.#context.resume();
    this.#begun = this.#context.currentTime + AHEAD_S;
    this.#change(this.#begun, 0);
  }

  stop(): void {
    this.#end(this.#context.currentTime);
    this.#voice = undefined;
  }

  #change(when: number, offset: number): void {
    this.#end(when);
    const source = new AudioBufferSourceNode(this.#context, { buffer: this.#buffer ?? null, loop: true });
    const fade = new GainNode(this.#context, { gain: 0 });
    fade.gain.setValueAtTime(0, when).linearRampToValueAtTime(1, when + FADE_S);
    source.connect(fade).connect(this.#level);
    source.start(when, offset);
    this.#voice = { source, fade };
  }

  #end(when: number): void {
    if (!this.#voice) return;
    const { source, fade } = this.#voice;
    // Hold a fade-in at its current value before fading out.
    fade.gain.cancelAndHoldAtTime?.(when);
    fade.gain.setTargetAtTime(0, when, FADE_S / 4);
    source.stop(when + 2 * FADE_S);
    source.onended = () => fade.disconnect();
  }
}
