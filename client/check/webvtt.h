// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments of WebVTT (RFC 8216, 3.5). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "client/check/findings.h"

namespace butaca::client::check {

struct CueTime {
    double begin_s = 0; // on the media's clock: X-TIMESTAMP-MAP is applied
    double end_s = 0;
};

struct TextSegment {
    // The cue that ends first and the one that begins last: if these show during the segment, all do.
    std::optional<CueTime> ends_first;
    std::optional<CueTime> begins_last;
};

TextSegment read_webvtt(std::string_view text, const Place &place, Findings &findings);

} // namespace butaca::client::check
