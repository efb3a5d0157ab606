// SPDX-License-Identifier: LGPL-2.1-or-later
// The plain page: lists the catalogue and plays.
import { catalogue, play, Problem, type Chapter, type Item } from "./api";
import { chapterAt, chapterName, chaptersFor } from "./chapters";
import { nameOf, wishFor } from "./subtitles";
import { Player, type Choice } from "./player";
import { preferredLanguage, translate, words, type Language, type Word } from "./words";

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;

let language: Language = preferredLanguage();
let playing: Item | null = null;
let chapters: Chapter[] = [];
let listing = 0;
const player = new Player(element<HTMLVideoElement>("video"));
const say = (word: Word) => words[language][word];

function show(message: string): void {
  element("message").textContent = message;
}

function clock(duration_ms: number): string {
  const seconds = Math.round(duration_ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return (parts[0] ? parts : parts.slice(1)).map((part, i) => (i ? String(part).padStart(2, "0") : String(part))).join(":");
}

function describe(item: Item): string {
  const size = item.video[0] ? ` · ${item.video[0].width}×${item.video[0].height}` : "";
  return `${say(item.kind)} · ${clock(item.duration_ms)}${size}`;
}

function card(item: Item): HTMLLIElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "title";
  button.dataset.slug = item.slug;
  button.disabled = item.playable === false;
  if (item.picture_url) {
    const picture = document.createElement("img");
    // What it shows is said in words beside it.
    picture.alt = "";
    picture.loading = "lazy";
    picture.src = item.picture_url;
    button.append(picture);
  }
  const lines: [string, string][] = [["strong", item.title]];
  if (item.artist) lines.push(["span", item.artist]);
  lines.push(["small", item.playable === false ? item.problem ?? "" : describe(item)]);
  for (const [tag, text] of lines) {
    const line = document.createElement(tag);
    line.textContent = text;
    button.append(line);
  }
  button.addEventListener("click", () => void start(item, 0));
  const entry = document.createElement("li");
  entry.append(button);
  return entry;
}

async function list(): Promise<void> {
  const turn = ++listing;
  const query = element<HTMLInputElement>("query").value.trim();
  try {
    const items = await catalogue(query, language);
    // A slower, older answer must not replace a newer one.
    if (turn !== listing) return;
    element("titles").replaceChildren(...items.map(card));
    show(items.length ? "" : say(query ? "nothing" : "empty"));
    // An empty house fills while VS and AS still read their folders.
    if (!items.length && !query) setTimeout(() => turn === listing && void list(), 2000);
  } catch {
    if (turn !== listing) return;
    show(say("unreachable"));
    setTimeout(() => turn === listing && void list(), 2000);
  }
}

const done = { copy: "copied", encode: "encoded", track: "tracked", burn: "burned" } as const;

function offerSubtitles(item: Item): void {
  const usable = item.subtitles.filter((track) => !track.problem);
  fill(
    element("subtitles"),
    usable.map((track) => ({ value: track.index, label: nameOf(track, language) })),
    { value: -1, label: say("off") },
  );
  element<HTMLSelectElement>("subtitles").value = "-1";
  element<HTMLInputElement>("burn").checked = false;
  element("subtitles-label").hidden = element("burn-label").hidden = usable.length === 0;
}

function offerChapters(item: Item): void {
  chapters = chaptersFor(item, language);
  fill(
    element("chapters"),
    chapters.map((chapter, value) => ({ value, label: `${clock(chapter.start_ms)} ${chapterName(chapter, value, language)}` })),
    // Between two chapters, and where there is none yet.
    { value: -1, label: "–" },
  );
  element("chapters-label").hidden = chapters.length === 0;
  followChapters();
}

function followChapters(): void {
  const menu = element<HTMLSelectElement>("chapters");
  const value = String(chapterAt(chapters, player.video.currentTime * 1000));
  if (menu.value !== value) menu.value = value;
}

function checked(id: string): boolean {
  return element<HTMLInputElement>(id).checked;
}

function offerFiles(urls: Record<string, string>): void {
  const links = Object.entries(urls).map(([format, url]) => {
    const link = document.createElement("a");
    link.href = url;
    link.textContent = format.toUpperCase();
    return link;
  });
  element("file-links").replaceChildren(...links.flatMap((link) => [link, " "]));
  element("files").hidden = links.length === 0;
}

async function start(item: Item, at_s: number): Promise<void> {
  show(say("loading"));
  try {
    if (playing?.id !== item.id) offerSubtitles(item);
    playing = item;
    const chosen = Number(element<HTMLSelectElement>("subtitles").value);
    const wishes = {
      quality: element<HTMLSelectElement>("wish").value,
      subtitles: wishFor(item.subtitles, chosen, checked("burn")),
      sound: { normalize: checked("normalize"), night: checked("night") },
    };
    const playback = await play(item, wishes, language);
    element("stage").hidden = false;
    element("now").textContent = item.artist ? `${item.title} — ${item.artist}` : item.title;
    element("plan").replaceChildren(
      ...playback.plan.map((line) => {
        const entry = document.createElement("li");
        entry.textContent = `${line.what}: ${say(done[line.action])} (${line.why})`;
        return entry;
      }),
    );
    player.video.poster = item.picture_url ?? "";
    offerFiles(playback.stream_urls);
    offerChapters(item);
    player.play(playback.hls_url, at_s);
    show("");
    element("stage").scrollIntoView({ block: "start" });
  } catch (failure) {
    show(say("failed") + (failure instanceof Problem ? failure.message : say("unreachable")));
  }
}

function fill(select: HTMLSelectElement, choices: Choice[], first?: Choice): void {
  const kept = select.value;
  select.replaceChildren(
    ...(first ? [first, ...choices] : choices).map(({ value, label }) => {
      const option = document.createElement("option");
      option.value = String(value);
      option.textContent = label;
      return option;
    }),
  );
  if ([...select.options].some((option) => option.value === kept)) select.value = kept;
}

function speak(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen;
  translate(document, chosen);
  element("language").textContent = say("other");
  if (playing) offerChapters(playing);
  void list();
}

player.onChoices = (levels, sounds) => {
  fill(element("level"), levels, { value: -1, label: say("automatic") });
  fill(element("sound"), sounds);
  element("sound-label").hidden = sounds.length < 2;
};
player.onFailure = (details) => show(say("failed") + details);

element("level").addEventListener("change", (event) => player.chooseLevel(Number((event.target as HTMLSelectElement).value)));
element("sound").addEventListener("change", (event) => player.chooseSound(Number((event.target as HTMLSelectElement).value)));
element("chapters").addEventListener("change", (event) => {
  const chapter = chapters[Number((event.target as HTMLSelectElement).value)];
  if (chapter) player.video.currentTime = chapter.start_ms / 1000;
});
player.video.addEventListener("timeupdate", followChapters);
element("wish").addEventListener("change", () => playing && void start(playing, player.video.currentTime));
for (const id of ["subtitles", "burn", "normalize", "night"])
  element(id).addEventListener("change", () => playing && void start(playing, player.video.currentTime));
element("close").addEventListener("click", () => {
  player.stop();
  playing = null;
  element("stage").hidden = true;
});
element("search").addEventListener("submit", (event) => event.preventDefault());
element("query").addEventListener("input", () => void list());
element("language").addEventListener("click", () => {
  const other: Language = language === "es" ? "en" : "es";
  localStorage.setItem("language", other);
  speak(other);
});

speak(language);
