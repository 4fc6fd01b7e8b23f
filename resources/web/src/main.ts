/** The page: hands and model, sound and picture brought together. */

import type { Facts } from "../../clients/max/technogan-facts.mjs";
import { between, randomSeed } from "../../clients/max/technogan-seeds.mjs";
import { wavOf } from "../../clients/max/technogan-wav.mjs";
import { asset } from "./assets";
import { framesOf, type Loop } from "./messages";
import { Player } from "./player";
import { Renderer } from "./renderer";
import { Sliders } from "./sliders";
import { pictureOf, Spectrogram } from "./spectrogram";

type End = "a" | "b";

const MIN_BPM = 20;
const MAX_BPM = 999;

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const button = (id: string) => element<HTMLButtonElement>(id);
const input = (id: string) => element<HTMLInputElement>(id);

const player = new Player();
const spectrogram = new Spectrogram(element("picture"));
const sliders = new Sliders(element("sliders"), (seed) => ask(seed), showValue);
const renderer = new Renderer({ opened, ready, made: (got) => void made(got), failed });

let facts: Facts | undefined;
let loop: Loop | undefined;
let seed: number[] = [];
const ends: Partial<Record<End, number[]>> = {};

/** given: the seed whose loop comes with the model; a random one's is asked for if there is none. */
function opened(found: Facts, given?: number[]): void {
  facts = found;
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
  tell("ready");
}

async function made(got: Loop): Promise<void> {
  if (!facts) return;
  loop = got;
  player.load(got.frames);
  await spectrogram.show(got.image, facts);
  for (const id of ["play", "save", "keep-a", "keep-b"]) button(id).disabled = false;
  const seconds = got.frames.length / player.sampleRate;
  element("facts").textContent = `${facts.beats} beat${facts.beats > 1 ? "s" : ""}   ${seconds.toFixed(2)} s`;
  if (got.milliseconds) tell(`${Math.round(got.milliseconds)} ms`);
}

function failed(text: string): void {
  tell(text, true);
}

function tell(text: string, wrong = false): void {
  const state = element("state");
  state.textContent = text;
  state.classList.toggle("wrong", wrong);
}

/** Another seed, from anything but the sliders. */
function change(values: number[]): void {
  show(values);
  ask(values);
}

function show(values: number[]): void {
  if (!facts) return;
  seed = values;
  sliders.show(values, facts.sliderMin, facts.sliderMax);
}

function ask(values: number[]): void {
  if (!facts) return;
  seed = values;
  renderer.render(seed, framesOf(facts, player.sampleRate, tempo(facts)));
}

function tempo({ bpm }: Facts): number {
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
  if (!facts || !loop) return;
  const bpm = tempo(facts);
  const wav = wavOf(loop.samples, { sampleRate: (facts.sampleRate * bpm) / facts.bpm, bpm, beats: facts.beats });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([wav], { type: "audio/wav" }));
  link.download = `${facts.name}.wav`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function keep(end: End): void {
  if (!facts || !loop) return;
  ends[end] = loop.seed;
  const key = button(`keep-${end}`);
  key.classList.add("kept");
  const canvas = key.querySelector("canvas") as HTMLCanvasElement;
  const picture = pictureOf(loop.image, facts, canvas.height);
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
  change(between(ends.a, ends.b, share));
}

async function openFile(): Promise<void> {
  const [file] = input("file").files ?? [];
  if (!file) return;
  tell(`Opening ${file.name} …`);
  renderer.model(new Uint8Array(await file.arrayBuffer()));
  input("file").value = "";
}

async function begin(): Promise<void> {
  try {
    renderer.first(await asset("first"), player.sampleRate);
    // The runtime is compiled while the model is read.
    renderer.runtime(await asset("runtime"));
    renderer.model(await asset("model"), { goesOn: true });
  } catch (error) {
    failed(error instanceof Error ? error.message : String(error));
  }
}

function paint(): void {
  spectrogram.playhead = player.position;
  requestAnimationFrame(paint);
}

button("play").onclick = () => void toggle();
button("random").onclick = () => facts && change(randomSeed(facts));
button("zero").onclick = () => facts && change(seed.map(() => 0));
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
