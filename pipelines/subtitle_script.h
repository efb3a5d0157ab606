// SPDX-License-Identifier: LGPL-2.1-or-later
// Cues as `subtitleburn` takes them. Pure.
#pragma once

#include <cstdint>
#include <string>

#include <glib.h>

#include "src/media/subtitles.h"

namespace butaca::pipelines {

// A stretch of presentation time, and where its 0 lies on the cues' own axis.
struct CueRange {
    std::int64_t from_ns = 0;
    std::int64_t to_ns = 0;
    std::int64_t zero_ns = 0;
};

// An ASS script of the cues that are seen in the range, in presentation time, for a picture of this shape:
// with their own styles and fonts, or, for plain text, in ours: white with a dark outline, a twentieth of the
// height. What is an override in ASS but was a character in the text stays a character. "" for pictures.
std::string subtitle_script(const media::Subtitles &subtitles, const CueRange &range, unsigned width,
                            unsigned height);

// The picture cues of the range as a floating GVariant of the element's type a(xxuua(uuuuay)), in
// presentation time; null when there are none.
GVariant *subtitle_pictures(const media::Subtitles &subtitles, const CueRange &range);

} // namespace butaca::pipelines
