// SPDX-License-Identifier: LGPL-2.1-or-later
// The DASH manifest (ISO/IEC 23009-1) as text, over the very segments that HLS names. Pure: of a two-hour
// film it is arithmetic, nothing runs to write it. All URLs in it are relative.
#pragma once

#include <string>
#include <vector>

#include "src/playback/presentation.h"

namespace butaca::playback {

// The manifest of a whole presentation: one period; an adaptation set for the pictures and one for each track
// of sound and of subtitles. `video_bandwidth` and `audio_bandwidth` by position, corrected by what is known
// by now. Subtitles are whole WebVTT files, named cues_file below the rendition's folder.
std::string dash_manifest(const Presentation &presentation, const std::vector<Bandwidth> &video_bandwidth,
                          const std::vector<Bandwidth> &audio_bandwidth);

inline constexpr const char *dash_manifest_name = "manifest.mpd";
inline constexpr const char *cues_file = "cues.vtt";

} // namespace butaca::playback
