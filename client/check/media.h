// SPDX-License-Identifier: LGPL-2.1-or-later
// What a segment holds of one track, whatever it is packed in. Pure values.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace butaca::client::check {

struct Sample {
    std::int64_t pts = 0; // ticks
    std::int64_t duration = 0;
    bool sync = false;
};

// One track's samples in one segment, in ticks of its timescale.
struct Part {
    std::uint32_t track = 0;
    std::uint32_t timescale = 0;
    bool is_picture = false;
    std::int64_t decode_begin = 0;
    std::int64_t decode_end = 0; // where the next one must begin; equal to the begin where nothing tells
    std::int64_t shown_begin = 0;
    std::int64_t shown_last = 0; // when the last one begins to be shown
    // Decode times may be squeezed or stretched where pictures are reordered, so what the last one is shown
    // for is the usual distance or the duration that stands at it. The less and the more of the two.
    std::int64_t shown_end = 0;
    std::int64_t shown_end_most = 0;
    std::int64_t frame = 0; // the usual distance of two samples; 0 with a single one
    std::size_t samples = 0;
    std::optional<bool> starts_with_idr;    // nothing where the format has no such thing
    std::optional<std::int64_t> sync_first; // when the first and the last key frame are shown
    std::optional<std::int64_t> sync_last;
    std::int64_t sync_gap = 0; // the longest time between two of them
    bool wraps = false;        // times count on from 0 after 33 bits (ISO/IEC 13818-1)
};

// Sums samples up, given in the order of decoding.
Part summed_up(std::uint32_t track, std::uint32_t timescale, bool is_picture, std::int64_t decode_begin,
               const std::vector<Sample> &samples);

} // namespace butaca::client::check
