// SPDX-License-Identifier: LGPL-2.1-or-later
// One <video> element and the hls.js behind it. hls.js is used wherever it runs; the browser's own HLS only elsewhere (iOS).
import Hls from "hls.js";

export interface Choice {
  value: number;
  label: string;
}

export class Player {
  private hls: Hls | null = null;
  onChoices: (levels: Choice[], sounds: Choice[]) => void = () => {};
  onFailure: (words: string) => void = () => {};

  constructor(readonly video: HTMLVideoElement) {}

  play(url: string, startAt_s = 0): void {
    this.stop();
    if (!Hls.isSupported()) {
      this.video.src = url;
      this.video.currentTime = startAt_s;
      void this.video.play().catch(() => {});
      return;
    }
    const hls = new Hls({ startPosition: startAt_s || -1, capLevelToPlayerSize: true });
    this.hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.offerChoices();
      void this.video.play().catch(() => {});
    });
    hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, () => this.offerChoices());
    // What was asked for, and no other: hls.js would go by the browser's languages.
    hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, (_event, data) => {
      hls.subtitleTrack = data.subtitleTracks.findIndex((track) => track.default);
    });
    hls.on(Hls.Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      this.onFailure(data.details);
      // A server that went away comes back: go on from here when it does.
      if (data.type === Hls.ErrorTypes.NETWORK_ERROR) setTimeout(() => this.hls === hls && hls.startLoad(), 3000);
      else if (data.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    });
    hls.loadSource(url);
    hls.attachMedia(this.video);
  }

  stop(): void {
    this.hls?.destroy();
    this.hls = null;
    this.video.removeAttribute("src");
    this.video.load();
  }

  // -1 lets the player choose.
  chooseLevel(level: number): void {
    if (this.hls) this.hls.nextLevel = level;
  }

  chooseSound(sound: number): void {
    if (this.hls) this.hls.audioTrack = sound;
  }

  private offerChoices(): void {
    const levels = (this.hls?.levels ?? [])
      .map((level, value) => ({ value, label: level.height ? `${level.width}×${level.height}` : `${Math.round(level.bitrate / 1000)} kb/s` }))
      .reverse();
    const sounds = (this.hls?.audioTracks ?? []).map((track, value) => ({ value, label: track.name }));
    this.onChoices(levels, sounds);
  }
}
