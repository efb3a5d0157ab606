// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays one title on our page in Chromium: watch.mjs PAGE SLUG '{"seeks_s": [...], "levels": true, "rate": 8}'
// "wishes" are added to what the page asks for.
// Prints what was seen as JSON; judging it is the caller's. Exits with 1 when the page could not even be driven.
import { chromium } from "playwright-core";

const [page_url, slug, text] = process.argv.slice(2);
const wish = JSON.parse(text);
const step_ms = 60000;
const seen = { console: [], responses: [], failed: [], message: "", duration_s: 0, whole: null, seeks: [], levels: [] };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Chromium refuses its sandbox to root.
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
});

// Resolves in the page as soon as it holds; the page's own clock, so nothing is missed between two questions.
const until = (page, condition, argument, what) =>
  page.waitForFunction(condition, argument, { timeout: step_ms, polling: 50 }).catch(async (failure) => {
    const video = await page.evaluate(() => {
      const v = document.getElementById("video");
      const buffered = [...Array(v.buffered.length).keys()].map((i) => [v.buffered.start(i), v.buffered.end(i)]);
      return { time: v.currentTime, ready: v.readyState, seeking: v.seeking, paused: v.paused, ended: v.ended, buffered,
        error: v.error?.message, message: document.getElementById("message").textContent };
    });
    throw new Error(`${what}: ${JSON.stringify(video)} ${failure.message}`);
  });

async function seek(page, to_s) {
  await page.evaluate((to) => { document.getElementById("video").currentTime = to; }, to_s);
  // Not only there, but playing on from there.
  await until(page, (to) => {
    const v = document.getElementById("video");
    return !v.seeking && v.readyState >= 2 && v.currentTime >= Math.min(to + 0.3, v.duration - 0.05) && v.currentTime < to + 20;
  }, to_s, `seek to ${to_s}`);
  seen.seeks.push(await page.evaluate(() => document.getElementById("video").currentTime));
}

async function choose_levels(page) {
  const levels = await page.$$eval("#level option", (all) => all.map((o) => [o.value, o.textContent]).filter(([v]) => v !== "-1"));
  for (const [value, label] of levels) {
    await page.selectOption("#level", value);
    await until(page, (height) => document.getElementById("video").videoHeight === height, Number(label.split("×")[1]), `level ${label}`);
    seen.levels.push(label);
    // Back to where there is enough left for the next one.
    await page.evaluate(() => { const v = document.getElementById("video"); if (v.currentTime > v.duration / 2) v.currentTime = 1; });
  }
  await page.selectOption("#level", "-1");
}

let status = 0;
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && seen.console.push(line.text()));
  page.on("pageerror", (error) => seen.console.push(String(error)));
  page.on("response", (reply) => reply.status() >= 400 && seen.responses.push(`${reply.status()} ${reply.url()}`));
  // hls.js gives up what it no longer needs after a seek.
  page.on("requestfailed", (request) => request.failure()?.errorText !== "net::ERR_ABORTED" &&
    seen.failed.push(`${request.failure()?.errorText} ${request.url()}`));
  if (wish.wishes)
    await page.route("**/api/v1/playbacks", (route, request) =>
      route.continue({ postData: JSON.stringify({ ...request.postDataJSON(), ...wish.wishes }) }));
  await page.goto(page_url);
  await page.click(`button[data-slug="${slug}"]`);
  await until(page, () => document.getElementById("video").currentTime > 1, null, "playing on");
  seen.duration_s = await page.evaluate(() => document.getElementById("video").duration);
  for (const to_s of wish.seeks_s ?? []) await seek(page, to_s);
  if (wish.levels) await choose_levels(page);
  if (wish.rate) {
    await page.evaluate((rate) => {
      const v = document.getElementById("video");
      window.stalls = 0;
      v.currentTime = 0;
      v.addEventListener("seeked", () => { v.playbackRate = rate; }, { once: true });
    }, wish.rate);
    await until(page, () => document.getElementById("video").ended, null, "the end");
    seen.whole = await page.evaluate(() => {
      const v = document.getElementById("video");
      const played = [...Array(v.played.length).keys()].map((i) => [v.played.start(i), v.played.end(i)]);
      return { time_s: v.currentTime, played, corrupted: v.getVideoPlaybackQuality().corruptedVideoFrames };
    });
  }
  seen.message = await page.textContent("#message");
} catch (failure) {
  seen.failure = String(failure);
  status = 1;
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
process.exit(status);
