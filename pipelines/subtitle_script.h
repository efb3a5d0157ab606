// SPDX-License-Identifier: LGPL-2.1-or-later
// A track's cues in the form that the element subtitleburn draws. Pure.
#pragma once

#include <cstdint>
#include <string>

#include <glib.h>

#include "src/media/subtitles.h"

namespace butaca::pipelines {

// Which cues, and for what picture.
struct SubtitleRange {
    std::int64_t from_ns = 0; // on the asset's axis, `to_ns` not included
    std::int64_t to_ns = 0;
    std::int64_t zero_ns = 0;           // what is 0 in the script: presentation zero on the asset's axis
    std::uint32_t display_width = 1920; // the picture's shape when shown; only the ratio counts
    std::uint32_t display_height = 1080;
};

// Whether a cue of `subtitles` shows in the range: if none does, the plain segment's bytes are right.
bool shows_anything(const media::Subtitles &subtitles, const SubtitleRange &range);

// The ASS document for subtitleburn's `script`: the events of the range, and those right before it that one
// of them overlaps, directly or through others (at most 64): they decide where it stands. Fonts that came
// with the original are in it. Empty for pictures and when nothing shows.
std::string subtitle_script(const media::Subtitles &subtitles, const SubtitleRange &range);

// The value for subtitleburn's `pictures`, type a(xxuua(uuuuay)), with a full reference for the caller
// (sunk). Null for other forms and when nothing shows.
GVariant *subtitle_pictures(const media::Subtitles &subtitles, const SubtitleRange &range);

} // namespace butaca::pipelines
