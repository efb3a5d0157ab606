// SPDX-License-Identifier: LGPL-2.1-or-later
// Cues as WebVTT (W3C): segments of HLS (RFC 8216, 3.5) and whole files. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "src/media/subtitles.h"

namespace butaca::playback {

// All cues that are seen in [from_ns, to_ns) of the presentation, with their whole times, so that one over a
// border stands in both segments. `zero_ns` is where presentation time 0 lies on the cues' axis; `mpegts` is
// what the clock of the media shows there, in 1/90000 s.
std::string webvtt_segment(const media::Subtitles &subtitles, std::int64_t zero_ns, std::int64_t from_ns,
                           std::int64_t to_ns, std::int64_t mpegts);

// All cues of the presentation in one file, on its own axis from 0 to `end_ns`.
std::string webvtt_file(const media::Subtitles &subtitles, std::int64_t zero_ns, std::int64_t end_ns);
// A time as WebVTT writes it, to the millisecond; 0 for what lies before it.
std::string webvtt_time(std::int64_t time_ns);

} // namespace butaca::playback
