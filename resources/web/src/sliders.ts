/** Paints all sliders on one canvas, as bars from the middle, sixteen per row. */

const COLUMNS = 16;
const ROW_GAP = 4;
const BAR_GAP = 2;
const PAGE = 16;

interface Cell {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Sliders to paint by dragging; wheel and arrow keys make fine steps, a double click sets zero. */
export class Sliders {
  readonly #context: CanvasRenderingContext2D;
  #values: number[] = [];
  #low = -128;
  #high = 127;
  #current = 0;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly changed: (values: number[]) => void,
    private readonly chosen: (index: number, value: number) => void,
  ) {
    this.#context = canvas.getContext("2d") as CanvasRenderingContext2D;
    new ResizeObserver(() => this.#resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", () => this.#paint());
    canvas.addEventListener("pointerdown", (event) => this.#pressed(event));
    canvas.addEventListener("pointermove", (event) => event.buttons & 1 && this.#draw(event));
    canvas.addEventListener("dblclick", (event) => this.#set(this.#indexAt(event), 0));
    canvas.addEventListener("wheel", (event) => this.#wheeled(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#typed(event));
  }

  /** Show a seed within these limits. */
  show(values: number[], low: number, high: number): void {
    [this.#values, this.#low, this.#high] = [[...values], low, high];
    this.#paint();
    this.#announce();
  }

  #pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.#draw(event);
  }

  #draw(event: PointerEvent): void {
    const index = this.#indexAt(event);
    const cell = this.#cells()[index];
    if (!cell) return;
    const share = 1 - (event.offsetY - cell.y) / cell.height;
    this.#set(index, Math.round(this.#low + share * (this.#high - this.#low)));
  }

  #wheeled(event: WheelEvent): void {
    event.preventDefault();
    const index = this.#indexAt(event);
    this.#set(index, (this.#values[index] ?? 0) - Math.sign(event.deltaY));
  }

  #typed(event: KeyboardEvent): void {
    const step = { ArrowUp: 1, ArrowDown: -1, PageUp: PAGE, PageDown: -PAGE }[event.key];
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) this.#set(this.#current, (this.#values[this.#current] ?? 0) + step);
    else if (event.key === "Delete") this.#set(this.#current, 0);
    else if (move !== undefined) this.#choose(Math.min(Math.max(this.#current + move, 0), this.#values.length - 1));
    else return;
    event.preventDefault();
  }

  #set(index: number, value: number): void {
    if (!(index in this.#values)) return;
    const limited = Math.min(Math.max(value, this.#low), this.#high);
    this.#choose(index);
    if (limited === this.#values[index]) return;
    this.#values[index] = limited;
    this.#paint();
    this.#announce();
    this.changed([...this.#values]);
  }

  #choose(index: number): void {
    this.#current = index;
    this.#paint();
    this.#announce();
  }

  #announce(): void {
    const value = this.#values[this.#current] ?? 0;
    this.canvas.setAttribute("aria-label", `Slider ${this.#current + 1} of ${this.#values.length}: ${Math.round(value)}`);
    this.chosen(this.#current, value);
  }

  #indexAt(event: MouseEvent): number {
    const { offsetX: x, offsetY: y } = event;
    const inside = ({ x: left, y: top, width, height }: Cell) =>
      left <= x && x < left + width + BAR_GAP && top <= y && y <= top + height + ROW_GAP;
    return this.#cells().findIndex(inside);
  }

  #cells(): Cell[] {
    const rows = Math.ceil(this.#values.length / COLUMNS);
    const width = (this.canvas.clientWidth + BAR_GAP) / COLUMNS;
    const height = (this.canvas.clientHeight + ROW_GAP) / rows;
    return this.#values.map((_, i) => ({
      x: (i % COLUMNS) * width,
      y: Math.floor(i / COLUMNS) * height,
      width: width - BAR_GAP,
      height: height - ROW_GAP,
    }));
  }

  #resize(): void {
    this.canvas.width = Math.round(this.canvas.clientWidth * devicePixelRatio);
    this.canvas.height = Math.round(this.canvas.clientHeight * devicePixelRatio);
    this.#paint();
  }

  #paint(): void {
    const context = this.#context;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    this.#cells().forEach(({ x, y, width, height }, i) => {
      const span = this.#high - this.#low;
      const middle = y + (this.#high / span) * height;
      const reach = (-(this.#values[i] ?? 0) / span) * height;
      context.fillStyle = colour("well");
      context.fillRect(x, y, width, height);
      context.fillStyle = colour("accent");
      context.fillRect(x, middle, width, reach);
      context.fillStyle = colour("faint");
      context.fillRect(x, middle, width, 1);
      if (i !== this.#current || document.activeElement !== this.canvas) return;
      context.strokeStyle = colour("text");
      context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
    });
  }
}
