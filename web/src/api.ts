// SPDX-License-Identifier: LGPL-2.1-or-later
// The REST calls that the page needs. Failures carry the problem document's words.
import type { Language } from "./words";

export interface Item {
  id: string;
  slug: string;
  kind: "video" | "audio";
  title: string;
  artist: string;
  duration_ms: number;
  picture_url: string | null;
  playable?: boolean;
  problem?: string;
  video: { width: number; height: number }[];
  subtitles: Subtitles[];
  chapters?: Chapter[];
}

export interface Chapter {
  start_ms: number;
  end_ms: number;
  title: string;
  language: string;
}

export interface Subtitles {
  index: number;
  language: string;
  name: string;
  forced: boolean;
  hearing_impaired: boolean;
  form: "text" | "styled" | "pictures";
  problem: string;
}

export interface SubtitleWish {
  index: number;
  mode: "track" | "burn";
}

export interface Playback {
  id: string;
  hls_url: string;
  stream_urls: Record<string, string>;
  plan: { track: string; action: "copy" | "encode" | "track" | "burn"; what: string; why: string }[];
}

export class Problem extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function call<T>(path: string, language: Language, init: RequestInit = {}): Promise<T> {
  const headers = { "Accept-Language": language, ...(init.body ? { "Content-Type": "application/json" } : {}) };
  const response = await fetch(path, { ...init, headers });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(body.detail ?? body.title ?? String(response.status), response.status);
  return body as T;
}

// All titles that fit the query, page after page.
export async function catalogue(query: string, language: Language): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const parameters = new URLSearchParams({ limit: "200" });
    if (query) parameters.set("q", query);
    if (cursor) parameters.set("cursor", cursor);
    const page: { items: Item[]; next: string | null } = await call(`/api/v1/catalogue?${parameters}`, language);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

export interface Wishes {
  quality: string;
  subtitles: SubtitleWish | null;
  sound: { normalize: boolean; night: boolean };
}

export function play(item: Item, { quality, subtitles, sound }: Wishes, language: Language): Promise<Playback> {
  const body = { item: item.id, audio: sound, ...(quality ? { video: { quality } } : {}), ...(subtitles ? { subtitles } : {}) };
  return call("/api/v1/playbacks", language, { method: "POST", body: JSON.stringify(body) });
}
