// SPDX-License-Identifier: LGPL-2.1-or-later
// The boxes of a media segment: styp, sidx, and moof with the head of its mdat. Pure: values in, bytes out.
#pragma once

#include <cstdint>
#include <span>

#include "plugins/mux/box_writer.h"

namespace butaca::mux {

// Sample flags (ISO/IEC 14496-12, 8.8.3.1): a sample that decoding may start at, one that depends on others,
// and one that depends on others while nothing depends on it.
inline constexpr std::uint32_t sync_flags = 0x02000000;
inline constexpr std::uint32_t difference_flags = 0x01010000;
inline constexpr std::uint32_t disposable_flags = 0x01810000;

// One sample as trun sees it; times in ticks.
struct FragmentSample {
    std::uint32_t size_bytes = 0;
    std::uint32_t duration = 0;
    std::int32_t composition_offset = 0; // presentation minus decode time
    std::uint32_t flags = sync_flags;
};

// What the head of one CMAF chunk is made from.
struct Fragment {
    std::uint32_t sequence_number = 1;
    std::uint64_t decode_time = 0;            // of the first sample, ticks
    std::uint32_t default_flags = sync_flags; // what trex says
    std::span<const FragmentSample> samples;
};

// moof and the eight bytes that open its mdat; the samples' bytes follow in order. tfdt has 64 bits, trun is
// version 1. What is equal for all samples is said once, in tfhd. The sizes must add up to less than 2^31.
[[nodiscard]] Bytes fragment_head(const Fragment &fragment);

// styp of a media segment; `indexed` says that a sidx follows, `video` that offsets are signed (cmf2).
[[nodiscard]] Bytes segment_type(bool video, bool indexed);

// What a segment index says: one reference to the whole segment.
struct SegmentIndex {
    std::uint32_t timescale = 0;
    std::uint64_t start = 0;      // earliest presentation time, ticks
    std::uint32_t duration = 0;   // ticks
    std::uint32_t size_bytes = 0; // of what follows the sidx; less than 2^31
    bool starts_in_order =
        true; // the sync sample that opens the segment is also shown first (SAP type 1, else 2)
};

// sidx (ISO/IEC 14496-12, 8.16.3), version 1.
[[nodiscard]] Bytes segment_index(const SegmentIndex &index);

} // namespace butaca::mux
