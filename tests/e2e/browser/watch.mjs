// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays one title on our page in Chromium: watch.mjs PAGE SLUG '{"seeks_s": [...], "levels": true, "rate": 8}'
// "wishes" are added to what the page asks for.
// Prints what was seen as JSON; judging it is the caller's. Exits with 1 when the page could not even be driven.
import { drive, play_whole, seek, until } from "./driving.mjs";

const [page_url, slug, text] = process.argv.slice(2);
const wish = JSON.parse(text);
const seen = { console: [], responses: [], failed: [], message: "", duration_s: 0, whole: null, seeks: [], levels: [] };

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

await drive({ width: 1280, height: 720 }, seen, async (page) => {
  if (wish.wishes)
    await page.route("**/api/v1/playbacks", (route, request) =>
      route.continue({ postData: JSON.stringify({ ...request.postDataJSON(), ...wish.wishes }) }));
  await page.goto(page_url);
  await page.click(`button[data-slug="${slug}"]`);
  await until(page, () => document.getElementById("video").currentTime > 1, null, "playing on");
  seen.duration_s = await page.evaluate(() => document.getElementById("video").duration);
  for (const to_s of wish.seeks_s ?? []) seen.seeks.push(await seek(page, to_s));
  if (wish.levels) await choose_levels(page);
  if (wish.rate) seen.whole = await play_whole(page, wish.rate);
  seen.message = await page.textContent("#message");
});
