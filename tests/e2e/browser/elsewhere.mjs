// SPDX-License-Identifier: LGPL-2.1-or-later
// Plays a presentation on a page that is not ours, with a player that is not ours:
//   elsewhere.mjs dash.js|shaka|hls.js URL '{"seeks_s": [...], "rate": 4, "audio": "es", "subtitles": "es"}'
// The film is the one of clip.py: pictures tell their number, sound its second. Prints what was seen and heard as JSON;
// judging it is the caller's. Exits with 1 when the player could not even be driven.
import { fileURLToPath } from "node:url";

import { drive, play_whole, seek, until } from "./driving.mjs";

const [player, url, text] = process.argv.slice(2);
const wish = JSON.parse(text);
const seen = { console: [], responses: [], failed: [], duration_s: 0, whole: null, seeks: [], pictures: [], pitches: [], cues: [] };
const scripts = { "dash.js": "dashjs/dist/modern/umd/dash.all.min.js", shaka: "shaka-player/dist/shaka-player.compiled.js",
  "hls.js": "hls.js/dist/hls.min.js" };

// In the page: one function to start each player, which answers how to choose a track by its language.
function define_players() {
  const video = () => document.getElementById("video");
  const by_language = (tracks, language) => {
    const found = tracks.findIndex((track) => (track.lang ?? track.language) === language);
    if (found < 0) throw new Error(`no track in ${language} among ${JSON.stringify(tracks.map((t) => t.lang ?? t.language))}`);
    return found;
  };
  window.players = {
    "dash.js": (address, trouble) => {
      const made = dashjs.MediaPlayer().create();
      made.on("error", (event) => trouble(`dash.js: ${JSON.stringify(event.error?.message ?? event.error)}`));
      made.initialize(video(), address, true);
      return {
        audio: (language) => made.setCurrentTrack(made.getTracksFor("audio")[by_language(made.getTracksFor("audio"), language)]),
        subtitles: (language) => made.setTextTrack(by_language(made.getTracksFor("text"), language)),
      };
    },
    shaka: async (address, trouble) => {
      const made = new shaka.Player();
      made.addEventListener("error", (event) => trouble(`shaka: ${event.detail?.code} ${event.detail?.message}`));
      // By itself it lays each segment of HLS where the playlist's sums are, by its first decode time, and shows it as
      // much too late as pictures are reordered (docs/decisions/decode-times.md).
      made.configure("manifest.hls.ignoreManifestTimestampsInSegmentsMode", true);
      await made.attach(video());
      await made.load(address);
      await video().play();
      return {
        audio: (language) => made.selectAudioTrack(made.getAudioTracks()[by_language(made.getAudioTracks(), language)]),
        subtitles: (language) => made.selectTextTrack(made.getTextTracks()[by_language(made.getTextTracks(), language)]),
      };
    },
    "hls.js": (address, trouble) => {
      const made = new Hls();
      made.on(Hls.Events.ERROR, (_, data) => trouble(`hls.js: ${data.details} ${data.error?.message}`));
      made.loadSource(address);
      made.attachMedia(video());
      made.once(Hls.Events.MANIFEST_PARSED, () => video().play());
      return {
        audio: (language) => { made.audioTrack = by_language(made.audioTracks, language); },
        subtitles: (language) => { made.subtitleTrack = by_language(made.subtitleTracks, language); made.subtitleDisplay = true; },
      };
    },
  };
}

// In the page: writes down the number that each picture carries, and what sounds.
function watch(bits) {
  const video = document.getElementById("video");
  const canvas = document.createElement("canvas");
  canvas.width = bits;
  canvas.height = 2;
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  window.pictures = [];
  const look = (_, frame) => {
    drawing.drawImage(video, 0, 0, bits, 2);
    const { data } = drawing.getImageData(0, 0, bits, 2);
    let number = 0;
    for (let bit = 0; bit < bits; bit++) number += data[4 * bit] > data[4 * (bits + bit)] ? 2 ** bit : 0;
    window.pictures.push([frame.mediaTime, number]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);

  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
  context.createMediaElementSource(video).connect(analyser).connect(context.destination);
  const strengths = new Float32Array(analyser.frequencyBinCount);
  window.pitch = () => {
    analyser.getFloatFrequencyData(strengths);
    const loudest = strengths.indexOf(Math.max(...strengths));
    return { time_s: video.currentTime, pitch_hz: loudest * context.sampleRate / analyser.fftSize, level_db: strengths[loudest] };
  };
  window.cues = () => [...video.textTracks].filter((track) => track.mode === "showing")
    .flatMap((track) => [...(track.activeCues ?? [])]).map((cue) => cue.text);
}

// For half a second, so that all that came before has sounded out.
async function played_on(page) {
  const from_s = await page.evaluate(() => document.getElementById("video").currentTime);
  await until(page, (from) => {
    const v = document.getElementById("video");
    return v.currentTime > Math.min(from + 0.5, v.duration - 0.05);
  }, from_s, `half a second more after ${from_s}`);
}

// What is heard and read then.
async function note_down(page) {
  await played_on(page);
  seen.pitches.push(await page.evaluate(() => window.pitch()));
  seen.cues.push({ time_s: seen.pitches.at(-1).time_s, texts: await page.evaluate(() => window.cues()) });
}

await drive({ width: 640, height: 360 }, seen, async (page) => {
  const elsewhere = "http://elsewhere.example/";
  await page.route(`${elsewhere}**`, (route) => route.fulfill({ contentType: "text/html",
    body: '<!doctype html><link rel="icon" href="data:,"><video id="video" width="480" height="270"></video>' }));
  await page.goto(elsewhere);
  await page.addScriptTag({ path: fileURLToPath(new URL(`node_modules/${scripts[player]}`, import.meta.url)) });
  await page.evaluate(define_players);
  await page.evaluate(watch, wish.bits);
  await page.evaluate(async ([name, address]) => {
    window.trouble = [];
    window.player = await window.players[name](address, (what) => window.trouble.push(what));
  }, [player, url]);
  await until(page, () => document.getElementById("video").currentTime > 1, null, "playing on");
  seen.duration_s = await page.evaluate(() => document.getElementById("video").duration);
  for (const kind of ["audio", "subtitles"])
    if (wish[kind]) {
      await page.evaluate(([what, language]) => window.player[what](language), [kind, wish[kind]]);
      await played_on(page);
    }
  for (const to_s of wish.seeks_s ?? []) {
    seen.seeks.push(await seek(page, to_s));
    await note_down(page);
  }
  if (wish.rate) seen.whole = await play_whole(page, wish.rate);
  seen.pictures = await page.evaluate(() => window.pictures);
  seen.console.push(...await page.evaluate(() => window.trouble));
});
