/** Connects the controls of the page with model, sound and picture. */

import type { Metadata } from "../../clients/max/technogan-metadata.mjs";
import { lerp, randomSeed } from "../../clients/max/technogan-seeds.mjs";
import { encodeWav } from "../../clients/max/technogan-wav.mjs";
import { loadAsset } from "./assets";
import { countFrames, type Loop } from "./messages";
import { Player } from "./player";
import { Renderer } from "./renderer";
import { Sliders } from "./sliders";
import { drawPicture, Spectrogram } from "./spectrogram";

type End = "a" | "b";

const MIN_BPM = 20;
const MAX_BPM = 999;

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const button = (id: string) => element<HTMLButtonElement>(id);
const input = (id: string) => element<HTMLInputElement>(id);

const player = new Player();
const spectrogram = new Spectrogram(element("picture"));
const sliders = new Sliders(element("sliders"), (seed) => ask(seed), showValue);
const renderer = new Renderer({ opened, ready, made: (got) => void showLoop(got), failed });

let metadata: Metadata | undefined;
let loop: Loop | undefined;
let seed: number[] = [];
const ends: Partial<Record<End, number[]>> = {};

/** Shows the new model. given: the seed of the loop that comes with it; without one, a random seed is rendered. */
function opened(found: Metadata, given?: number[]): void {
  metadata = found;
  delete ends.a;
  delete ends.b;
  for (const end of ["a", "b"] as const) button(`keep-${end}`).classList.remove("kept");
  element("model").textContent = found.name;
  input("bpm").value = found.bpm.toFixed(1);
  input("between").disabled = true;
  for (const id of ["random", "zero"]) button(id).disabled = false;
  input("bpm").disabled = false;
  if (given) show(given);
  else change(randomSeed(found));
}

function ready(): void {
  showState("ready");
}

async function showLoop(got: Loop): Promise<void> {
  if (!metadata) return;
  loop = got;
  player.load(got.frames);
  await spectrogram.show(got.image, metadata);
  for (const id of ["play", "save", "keep-a", "keep-b"]) button(id).disabled = false;
  const seconds = got.frames.length / player.sampleRate;
  element("metadata").textContent = `${metadata.beats} beat${metadata.beats > 1 ? "s" : ""}   ${seconds.toFixed(2)} s`;
  if (got.milliseconds) showState(`${Math.round(got.milliseconds)} ms`);
}

function failed(text: string): void {
  showState(text, true);
}

function showState(text: string, wrong = false): void {
  const state = element("state");
  state.textContent = text;
  state.classList.toggle("wrong", wrong);
}

/** Sets a seed that does not come from the sliders. */
function change(values: number[]): void {
  show(values);
  ask(values);
}

function show(values: number[]): void {
  if (!metadata) return;
  seed = values;
  sliders.show(values, metadata.sliderMin, metadata.sliderMax);
}

function ask(values: number[]): void {
  if (!metadata) return;
  seed = values;
  renderer.render(seed, countFrames(metadata, player.sampleRate, tempo(metadata)));
}

function tempo({ bpm }: Metadata): number {
  const typed = input("bpm").valueAsNumber;
  return typed >= MIN_BPM && typed <= MAX_BPM ? typed : bpm;
}

function showValue(index: number, value: number): void {
  element("value").textContent = `${String(index + 1).padStart(2, "0")}   ${value > 0 ? "+" : ""}${Math.round(value)}`;
}

async function toggle(): Promise<void> {
  if (player.playing) player.stop();
  else await player.play();
  button("play").textContent = player.playing ? "Stop" : "Play";
}

function save(): void {
  if (!metadata || !loop) return;
  const bpm = tempo(metadata);
  const wav = encodeWav(loop.samples, { sampleRate: (metadata.sampleRate * bpm) / metadata.bpm, bpm, beats: metadata.beats });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
  link.download = `${metadata.name}.wav`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function keep(end: End): void {
  if (!metadata || !loop) return;
  ends[end] = loop.seed;
  const key = button(`keep-${end}`);
  key.classList.add("kept");
  const canvas = key.querySelector("canvas") as HTMLCanvasElement;
  const picture = drawPicture(loop.image, metadata, canvas.height);
  void createImageBitmap(picture).then((bitmap) => {
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
  });
  if (ends.a && ends.b) {
    input("between").disabled = false;
    input("between").value = end === "a" ? "0" : "1";
  }
}

function morph(): void {
  if (!ends.a || !ends.b) return;
  const share = input("between").valueAsNumber;
  element("share").textContent = `${Math.round(100 * share)}%`;
  change(lerp(ends.a, ends.b, share));
}

async function openFile(): Promise<void> {
  const [file] = input("file").files ?? [];
  if (!file) return;
  showState(`Opening ${file.name} …`);
  renderer.model(new Uint8Array(await file.arrayBuffer()));
  input("file").value = "";
}

async function begin(): Promise<void> {
  try {
    renderer.first(await loadAsset("first"), player.sampleRate);
    // The runtime is compiled while the model is read.
    renderer.runtime(await loadAsset("runtime"));
    renderer.model(await loadAsset("model"), { keepsLoop: true });
  } catch (error) {
    failed(error instanceof Error ? error.message : String(error));
  }
}

function paint(): void {
  spectrogram.playhead = player.position;
  requestAnimationFrame(paint);
}

button("play").onclick = () => void toggle();
button("random").onclick = () => metadata && change(randomSeed(metadata));
button("zero").onclick = () => metadata && change(seed.map(() => 0));
button("save").onclick = save;
button("keep-a").onclick = () => keep("a");
button("keep-b").onclick = () => keep("b");
button("open").onclick = () => input("file").click();
input("file").onchange = () => void openFile();
input("between").oninput = morph;
input("bpm").onchange = () => ask(seed);
input("volume").oninput = () => {
  player.level = input("volume").valueAsNumber;
};
player.level = input("volume").valueAsNumber;
addEventListener("keydown", (event) => {
  if (event.code !== "Space" || event.target instanceof HTMLButtonElement || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  void toggle();
});
paint();
void begin();
