// SPDX-License-Identifier: LGPL-2.1-or-later
// HLS playlists (RFC 8216) as text. Pure: a playlist of a two-hour film is arithmetic, nothing runs to write
// it. All URIs in them are relative, so the signed prefix under which they are served carries over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/playback/container.h"
#include "src/playback/presentation.h"

namespace butaca::playback {

// The multivariant playlist; `video_bandwidth` and `audio_bandwidth` by position, corrected by what is known
// by now, and that of the keyframes. It names the media playlists of this container by media_playlist_name().
std::string multivariant_playlist(const Presentation &presentation,
                                  const std::vector<Bandwidth> &video_bandwidth,
                                  const std::vector<Bandwidth> &audio_bandwidth, Container container,
                                  const std::optional<Bandwidth> &keyframe_bandwidth = std::nullopt);

// The media playlist of one rendition: VOD, whole at once. `target_duration_s` is the same in all playlists
// of a presentation.
std::string media_playlist(const VideoRendition &rendition, unsigned target_duration_s, Container container);
std::string media_playlist(const AudioRendition &rendition, unsigned target_duration_s, Container container);

// The text segments of subtitles, for players of either container (their clocks differ).
std::string media_playlist(const SubtitleRendition &rendition, Container container);

// Where both containers' playlists and segments lie side by side, below a rendition's own folder.
std::string_view media_playlist_name(Container container); // "index.m3u8", "ts.m3u8"
std::string_view segment_suffix(Container container);      // ".m4s", ".ts"
std::string_view text_segment_suffix(Container container); // ".vtt", ".ts.vtt"

// The largest segment of any rendition, rounded to whole seconds (RFC 8216, 4.3.3.1).
unsigned target_duration_s(const Presentation &presentation);

} // namespace butaca::playback
