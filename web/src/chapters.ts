// SPDX-License-Identifier: LGPL-2.1-or-later
// Chapters as viewers choose them: a menu that jumps, and shows where the film is.
import type { Chapter, Item } from "./api";
import { words, type Language } from "./words";

// Those in the viewer's own language where there are any, else those of the first language.
export function chaptersFor(item: Item, language: Language): Chapter[] {
  const primary = (tag: string) => tag.split("-")[0];
  const all = item.chapters ?? [];
  const tag = (all.find((chapter) => primary(chapter.language) === language) ?? all[0])?.language;
  return all.filter((chapter) => chapter.language === tag);
}

// Which one is under way; -1 between two of them.
export function chapterAt(chapters: Chapter[], time_ms: number): number {
  return chapters.findIndex((chapter) => chapter.start_ms <= time_ms && time_ms < chapter.end_ms);
}

export function chapterName(chapter: Chapter, position: number, language: Language): string {
  return chapter.title || `${words[language].chapter} ${position + 1}`;
}
