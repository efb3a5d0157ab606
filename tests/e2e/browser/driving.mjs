// SPDX-License-Identifier: LGPL-2.1-or-later
// Chromium, and what both drivers do with its element "video".
import { chromium } from "playwright-core";

const step_ms = 60000;

const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // Chromium refuses its sandbox to root; and to pages of one place, unless a person allows it, what this machine serves.
  args: ["--no-sandbox", "--disable-features=LocalNetworkAccessChecks", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
});

// Opens a page of this size, lets `look` do its work there, and ends the program: prints `seen`, which tells of a failure,
// too, and exits with 1 when there was one.
export async function drive(viewport, seen, look) {
  const browser = await launch();
  let status = 0;
  try {
    const page = await browser.newPage({ viewport });
    listen(page, seen);
    await look(page);
  } catch (failure) {
    seen.failure = String(failure);
    status = 1;
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(seen));
  process.exit(status);
}

// Writes down whatever a person who looks into the browser's tools would find amiss.
function listen(page, seen) {
  page.on("console", (line) => ["error", "warning"].includes(line.type()) && seen.console.push(line.text()));
  page.on("pageerror", (error) => seen.console.push(String(error)));
  page.on("response", (reply) => reply.status() >= 400 && seen.responses.push(`${reply.status()} ${reply.url()}`));
  // Players give up what they no longer need after a seek.
  page.on("requestfailed", (request) => request.failure()?.errorText !== "net::ERR_ABORTED" &&
    seen.failed.push(`${request.failure()?.errorText} ${request.url()}`));
}

// Resolves in the page as soon as it holds; the page's own clock, so nothing is missed between two questions.
export const until = (page, condition, argument, what) =>
  page.waitForFunction(condition, argument, { timeout: step_ms, polling: 50 }).catch(async (failure) => {
    const video = await page.evaluate(() => {
      const v = document.getElementById("video");
      const buffered = [...Array(v.buffered.length).keys()].map((i) => [v.buffered.start(i), v.buffered.end(i)]);
      return { time: v.currentTime, ready: v.readyState, seeking: v.seeking, paused: v.paused, ended: v.ended, buffered,
        error: v.error?.message, message: document.getElementById("message")?.textContent };
    });
    throw new Error(`${what}: ${JSON.stringify(video)} ${failure.message}`);
  });

// Jumps, and waits until it is not only there but playing on from there; answers where it is then.
export async function seek(page, to_s) {
  await page.evaluate((to) => { document.getElementById("video").currentTime = to; }, to_s);
  await until(page, (to) => {
    const v = document.getElementById("video");
    return !v.seeking && v.readyState >= 2 && v.currentTime >= Math.min(to + 0.3, v.duration - 0.05) && v.currentTime < to + 20;
  }, to_s, `seek to ${to_s}`);
  return page.evaluate(() => document.getElementById("video").currentTime);
}

// From the first moment to the end; answers what was played.
export async function play_whole(page, rate) {
  await page.evaluate((speed) => {
    const v = document.getElementById("video");
    v.currentTime = 0;
    v.addEventListener("seeked", () => { v.playbackRate = speed; }, { once: true });
  }, rate);
  await until(page, () => document.getElementById("video").ended, null, "the end");
  return page.evaluate(() => {
    const v = document.getElementById("video");
    const played = [...Array(v.played.length).keys()].map((i) => [v.played.start(i), v.played.end(i)]);
    return { time_s: v.currentTime, played, corrupted: v.getVideoPlaybackQuality().corruptedVideoFrames };
  });
}
