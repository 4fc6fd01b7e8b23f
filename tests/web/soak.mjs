/**
 * Measures the memory of the page while it plays: `node tests/web/soak.mjs BUILT_PAGE CHROMIUM [MINUTES]`.
 *
 * Plays, requests another loop every two seconds, and prints once a minute the memory of all browser processes in MB
 * (proportional set size, so that shared memory counts once). Linux only.
 */

import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "../../resources/web/node_modules/playwright-core/index.mjs";

const [pagePath, executablePath, minutes = "30"] = process.argv.slice(2);

/** Returns the descendants of a process. */
function descendants(root) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const stat = read(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const below = (pid) => pid === root || (parents.has(pid) && below(parents.get(pid)));
  return [...parents.keys()].filter((pid) => pid !== root && below(pid));
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function megabytes() {
  const sizes = descendants(process.pid).map((pid) => Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0));
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024);
}

const args = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"];
const browser = await chromium.launch({ executablePath, args });
const page = await browser.newPage();
await page.goto(String(pathToFileURL(pagePath)));
await page.waitForFunction(() => document.getElementById("state").textContent === "ready", null, { timeout: 60_000 });
await page.click("#play");
for (let minute = 0; minute <= Number(minutes); minute++) {
  console.log(`${minute} min: ${megabytes()} MB`);
  for (let i = 0; minute < Number(minutes) && i < 30; i++) {
    await page.click("#random");
    await page.waitForTimeout(2000);
  }
}
await browser.close();
