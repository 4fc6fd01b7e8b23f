/**
 * Tests of the page in headless Chromium, opened from its folder.
 *
 * TECHNOGAN_PAGE: the built index.html; TECHNOGAN_CHROMIUM: the browser; TECHNOGAN_WAV: file for the loop of seed 0.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "../../resources/web/node_modules/playwright-core/index.mjs";

const PATIENCE_MS = 60_000;
const problems = [];
let browser, page;

/** Records the page's output to `window.heard`, exactly as the audio thread renders it. */
function listen() {
  const code = `registerProcessor("ear", class extends AudioWorkletProcessor {
    process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; }
  });`;
  const connect = AudioNode.prototype.connect;
  window.heard = [];
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const url = `data:text/javascript,${encodeURIComponent(code)}`;
      void this.context.audioWorklet.addModule(url).then(() => {
        const ear = new AudioWorkletNode(this.context, "ear");
        ear.port.onmessage = ({ data }) => window.heard.push(data);
        connect.call(this, ear);
      });
    }
    return connect.call(this, target, ...rest);
  };
}

before(async () => {
  const args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"];
  browser = await chromium.launch({ executablePath: process.env.TECHNOGAN_CHROMIUM, args });
  page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme: "dark" });
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => request.url().startsWith("http") && problems.push(request.url()));
  await page.addInitScript(listen);
  await page.goto(String(pathToFileURL(process.env.TECHNOGAN_PAGE)));
  await page.waitForSelector("#play:enabled");
});

after(() => browser?.close());

/** Acts and waits for the new loop. */
async function changing(act) {
  await page.evaluate(() => (document.getElementById("state").textContent = ""));
  await act();
  await page.waitForFunction(() => document.getElementById("state").textContent.endsWith("ms"));
}

async function picture() {
  const url = await page.evaluate(() => document.getElementById("picture").toDataURL());
  return `${url.length} letters, ${createHash("sha256").update(url).digest("hex")}`;
}

test("the page opens from a folder with a loop, its picture and the model's details", async () => {
  assert.equal(await page.textContent("#model"), "beat");
  assert.match(await page.textContent("#metadata"), /1 beat/);
  assert.equal(await page.inputValue("#bpm"), "128.0");
  assert.ok(Number.parseInt(await picture(), 10) > 20_000);
});

test("the first loop is there before its model and stays when the model is open", async () => {
  const first = await picture();
  assert.match(await page.textContent("#state"), /^(Opening the model …|ready)$/);
  await page.waitForFunction(() => document.getElementById("state").textContent === "ready");
  assert.equal(await picture(), first);
});

test("sliders change the loop by mouse and keyboard", async () => {
  const first = await picture();
  const { x, y } = await page.locator("#sliders").boundingBox();
  await changing(() => page.mouse.click(x + 5, y + 5));
  assert.match(await page.getAttribute("#sliders", "aria-label"), /^Slider 1 of 64: 1\d\d$/);
  assert.notEqual(await picture(), first);
  await page.keyboard.press("ArrowRight");
  await changing(() => page.keyboard.press("PageUp"));
  assert.match(await page.getAttribute("#sliders", "aria-label"), /^Slider 2 of 64/);
});

test("a morph ends in the kept loops", async () => {
  await changing(() => page.click("#random"));
  const first = await picture();
  await page.click("#keep-a");
  await changing(() => page.click("#random"));
  await page.click("#keep-b");
  const move = (share) => changing(() => page.fill("#between", share));
  await move("0.5");
  const middle = await picture();
  await move("0");
  assert.notEqual(middle, first);
  assert.equal(await picture(), first);
});

test("the loop plays without a gap, each round identical to the one before", async () => {
  await page.evaluate(() => (window.heard.length = 0));
  await page.click("#play");
  await page.waitForFunction(() => window.heard.length * 128 > 5 * 48000, null, { timeout: PATIENCE_MS });
  const { sound, rate } = await page.evaluate(() => {
    const sound = window.heard.flatMap((block) => [...block]);
    return { sound, rate: new AudioContext().sampleRate };
  });
  await page.click("#play");
  const period = Math.round((60 * rate) / 128);
  const begun = sound.findIndex((value) => value !== 0) + Math.round(0.1 * rate);
  const rounds = sound.slice(begun, begun + 6 * period);
  assert.equal(rounds.length, 6 * period);
  assert.ok(rounds.some((value) => Math.abs(value) > 0.05));
  const worst = rounds.slice(period).reduce((most, value, i) => Math.max(most, Math.abs(value - rounds[i])), 0);
  assert.ok(worst < 1e-6, `rounds differ by ${worst}`);
});

test("the tempo changes the length; an invalid one changes nothing", async () => {
  const before = await page.textContent("#metadata");
  await changing(() => page.fill("#bpm", "64").then(() => page.press("#bpm", "Enter")));
  assert.match(await page.textContent("#metadata"), /0\.94 s/);
  await changing(() => page.fill("#bpm", "0").then(() => page.press("#bpm", "Enter")));
  assert.equal(await page.textContent("#metadata"), before);
});

test("a file that is not a model is rejected, and the loop stays", async () => {
  const first = await picture();
  await page.setInputFiles("#file", { name: "x.onnx", mimeType: "", buffer: Buffer.from("this is not a model") });
  await page.waitForSelector("#state.wrong");
  assert.match(await page.textContent("#state"), /not an ONNX model|not a TechnoGAN model/);
  assert.equal(await picture(), first);
});

test("a loop is saved as a WAV", async () => {
  await changing(() => page.fill("#bpm", "128").then(() => page.press("#bpm", "Enter")));
  await changing(() => page.click("#zero"));
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  await download.saveAs(process.env.TECHNOGAN_WAV);
});

test("no error occurred, and nothing was fetched from the network", () => assert.deepEqual(problems, []));
