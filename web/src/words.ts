// SPDX-License-Identifier: LGPL-2.1-or-later
// Every word that a viewer reads, in both languages. A test holds that both have the same keys.
export const words = {
  en: {
    search: "Search titles",
    quality: "Size",
    encode: "Quality",
    sound: "Sound",
    automatic: "Automatic",
    low: "Low",
    medium: "Medium",
    high: "High",
    best: "Best",
    original: "Original",
    close: "Close",
    plan: "What is done to it",
    video: "Film",
    audio: "Music",
    nothing: "Nothing found.",
    empty: "No titles yet: put films and music into your folders and they appear here.",
    loading: "Loading …",
    failed: "That did not work: ",
    unreachable: "The server does not answer. Trying again …",
    other: "Español",
    copied: "sent as it is",
    encoded: "encoded",
    tracked: "shown by the player",
    burned: "drawn into the picture",
    subtitles: "Subtitles",
    burn: "Inside the picture",
    normalize: "Even loudness",
    night: "Night mode",
    files: "The sound as a file:",
    off: "Off",
    forced: "forced",
    described: "with sounds",
    track: "Track",
    chapters: "Chapters",
    chapter: "Chapter",
  },
  es: {
    search: "Buscar títulos",
    quality: "Tamaño",
    encode: "Calidad",
    sound: "Sonido",
    automatic: "Automática",
    low: "Baja",
    medium: "Media",
    high: "Alta",
    best: "Máxima",
    original: "Original",
    close: "Cerrar",
    plan: "Qué se le hace",
    video: "Película",
    audio: "Música",
    nothing: "No se encontró nada.",
    empty: "Aún no hay títulos: ponga películas y música en sus carpetas y aparecerán aquí.",
    loading: "Cargando …",
    failed: "Eso no funcionó: ",
    unreachable: "El servidor no responde. Se intenta de nuevo …",
    other: "English",
    copied: "se envía tal cual",
    encoded: "se codifica",
    tracked: "lo muestra el reproductor",
    burned: "se dibuja en la imagen",
    subtitles: "Subtítulos",
    burn: "Dentro de la imagen",
    normalize: "Volumen igualado",
    night: "Modo noche",
    files: "El sonido como archivo:",
    off: "Ninguno",
    forced: "forzados",
    described: "con sonidos",
    track: "Pista",
    chapters: "Capítulos",
    chapter: "Capítulo",
  },
} as const;

export type Language = keyof typeof words;
export type Word = keyof (typeof words)["en"];

export function preferredLanguage(): Language {
  const kept = localStorage.getItem("language");
  if (kept === "es" || kept === "en") return kept;
  return navigator.language.toLowerCase().startsWith("es") ? "es" : "en";
}

// Fills in every element that names its word.
export function translate(root: ParentNode, language: Language): void {
  const text = (word: string | undefined) => words[language][word as Word] ?? "";
  for (const element of root.querySelectorAll<HTMLElement>("[data-text]")) element.textContent = text(element.dataset.text);
  for (const input of root.querySelectorAll<HTMLInputElement>("[data-placeholder]")) input.placeholder = text(input.dataset.placeholder);
  for (const element of root.querySelectorAll<HTMLElement>("[data-label]")) element.setAttribute("aria-label", text(element.dataset.label));
}
