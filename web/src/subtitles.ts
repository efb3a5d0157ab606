// SPDX-License-Identifier: LGPL-2.1-or-later
// Subtitle tracks as viewers choose them.
import type { Subtitles, SubtitleWish } from "./api";
import { words, type Language } from "./words";

// What to call a track in the viewer's own language.
export function nameOf(track: Subtitles, language: Language): string {
  let name = track.name;
  if (!name && track.language) name = new Intl.DisplayNames([language], { type: "language" }).of(track.language) ?? track.language;
  const notes = [track.forced && words[language].forced, track.hearing_impaired && words[language].described].filter(Boolean);
  return (name || `${words[language].track} ${track.index + 1}`) + (notes.length ? ` (${notes.join(", ")})` : "");
}

// Pictures cannot be shown otherwise than inside the picture.
export function wishFor(tracks: Subtitles[], index: number, burn: boolean): SubtitleWish | null {
  const track = tracks.find((one) => one.index === index);
  return track ? { index, mode: burn || track.form === "pictures" ? "burn" : "track" } : null;
}
