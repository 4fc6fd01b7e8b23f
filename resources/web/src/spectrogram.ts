/** Shows the spectrogram of a loop: time to the right, frequency upwards on a logarithmic axis. */

import type { Metadata } from "../../clients/max/technogan-metadata.mjs";
import { EMBER } from "./colours";

const LOWEST_HZ = 40;
const TICKS_HZ = [50, 100, 200, 500, 1000, 2000, 5000, 10000];
const LABEL_WIDTH = 44;
// Spectrograms are dark in every theme.
const GROUND = "#08090b";
const INK = "#f2f3f5";

/** Draws the image on a logarithmic axis, `height` rows high. */
export function drawPicture(image: Float32Array, metadata: Metadata, height: number): ImageData {
  const { nBins, nFrames } = metadata;
  const nyquist = metadata.sampleRate / 2;
  const picture = new ImageData(nFrames, height);
  for (let y = 0; y < height; y++) {
    const hertz = LOWEST_HZ * (nyquist / LOWEST_HZ) ** (1 - (y + 0.5) / height);
    const row = rowAt(hertz / metadata.sampleRate, metadata.frequencies);
    const [below, upper] = [Math.floor(row), row - Math.floor(row)];
    const above = Math.min(below + 1, nBins - 1);
    for (let x = 0; x < nFrames; x++) {
      const [low, high] = [image[below * nFrames + x] ?? -1, image[above * nFrames + x] ?? -1];
      const value = (low + (high - low) * upper + 1) / 2;
      const colour = EMBER[Math.round(255 * Math.min(Math.max(value, 0), 1))] ?? [0, 0, 0];
      picture.data.set([...colour, 255], 4 * (y * nFrames + x));
    }
  }
  return picture;
}

/** Returns the row of a frequency as a fraction between two rows, or the lowest or the highest row. */
function rowAt(frequency: number, frequencies: number[]): number {
  const above = frequencies.findIndex((each) => each > frequency);
  if (above < 0) return frequencies.length - 1;
  const [low, high] = [frequencies[above - 1], frequencies[above]];
  return low === undefined || high === undefined ? 0 : above - 1 + (frequency - low) / (high - low);
}

export class Spectrogram {
  readonly #context: CanvasRenderingContext2D;
  #picture: ImageBitmap | undefined;
  #metadata: Metadata | undefined;
  #playhead: number | undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D;
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  async show(image: Float32Array, metadata: Metadata): Promise<void> {
    const picture = await createImageBitmap(drawPicture(image, metadata, 2 * metadata.nBins));
    this.#picture?.close();
    [this.#picture, this.#metadata] = [picture, metadata];
    this.#paint();
  }

  /** Position in the loop, 0 to 1, or undefined while nothing plays. */
  set playhead(position: number | undefined) {
    if (position === this.#playhead) return;
    this.#playhead = position;
    this.#paint();
  }

  #resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.#paint();
  }

  #paint(): void {
    const [context, width, height] = [this.#context, this.canvas.clientWidth, this.canvas.clientHeight];
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, width, height);
    if (!this.#picture || !this.#metadata) return;
    context.drawImage(this.#picture, 0, 0, width, height);
    this.#paintGrid(this.#metadata, width, height);
    if (this.#playhead === undefined) return;
    context.fillStyle = `${GROUND}66`;
    context.fillRect(this.#playhead * width - 1.5, 0, 3, height);
    context.fillStyle = INK;
    context.fillRect(this.#playhead * width - 0.5, 0, 1, height);
  }

  #paintGrid(metadata: Metadata, width: number, height: number): void {
    const context = this.#context;
    context.fillStyle = `${INK}26`;
    for (let beat = 1; beat < metadata.beats; beat++) context.fillRect((beat * width) / metadata.beats, 0, 1, height);
    const shade = context.createLinearGradient(0, 0, LABEL_WIDTH, 0);
    shade.addColorStop(0, `${GROUND}bf`);
    shade.addColorStop(1, `${GROUND}00`);
    context.fillStyle = shade;
    context.fillRect(0, 0, LABEL_WIDTH, height);
    context.fillStyle = `${INK}d9`;
    context.font = "10px Inter, sans-serif";
    context.textBaseline = "middle";
    const octaves = Math.log(metadata.sampleRate / 2 / LOWEST_HZ);
    for (const hertz of TICKS_HZ) {
      const y = height * (1 - Math.log(hertz / LOWEST_HZ) / octaves);
      if (y < 12 || y > height - 8) continue;
      context.fillRect(0, y, 4, 1);
      context.fillText(hertz < 1000 ? String(hertz) : `${hertz / 1000}k`, 7, y);
    }
  }
}
