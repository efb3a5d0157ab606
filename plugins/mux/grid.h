// SPDX-License-Identifier: LGPL-2.1-or-later
// The times of one segment's samples, in ticks: where each is shown, and from that where each is decoded.
//
// Decode times may be given, as whoever knows the whole film can do it; then no sample is shown before it is
// decoded. Otherwise the j-th sample in decode order is decoded at the j-th smallest presentation time: the
// segment's first decode time is its first presentation time and durations add up to its length exactly,
// without priming or an edit list; in exchange composition offsets may be negative (CMAF brand cmf2), which
// some players misread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/result.h"

namespace butaca::mux {

// When one sample is decoded, for how long, and how much later (or earlier) it is shown. Ticks.
struct SampleTime {
    std::int64_t decode = 0;
    std::uint32_t duration = 0;
    std::int32_t composition_offset = 0;
};

// The grid of one segment, filled sample by sample in decode order. Bound to one thread.
class Grid {
public:
    // From presentation times in order, then the segment's end: at least two numbers, rising, from 0 on.
    // Errors: invalid_argument, saying which number is wrong.
    // `decode_times`, where not empty: as many numbers, rising, when the samples are decoded and when the
    // last one ends.
    static Result<Grid> from_times(std::vector<std::int64_t> times,
                                   std::vector<std::int64_t> decode_times = {});
    // The same out of little-endian 64-bit numbers, as properties carry them.
    static Result<Grid> from_bytes(std::span<const std::uint8_t> bytes,
                                   std::span<const std::uint8_t> decode_bytes = {});

    // Takes the next sample in decode order, shown at `presentation`. Errors: invalid_argument when that time
    // is not on the grid, was taken before, lies before its given decode time, or all samples are already
    // there. The message names the tick.
    Result<SampleTime> place(std::int64_t presentation);
    // Takes the next sample of a stream without reordering: its place is its count. Errors: as above.
    Result<SampleTime> place_next();

    std::size_t size() const { return taken_.size(); }
    std::size_t placed() const { return placed_; }
    bool complete() const { return placed_ == taken_.size(); }
    // When the first sample is decoded, and when the last one ends.
    std::int64_t start() const { return decode_times().front(); }
    std::int64_t end() const { return decode_times().back(); }
    // The smallest presentation time that no sample took; the end when complete. For the message about a lost
    // sample.
    std::int64_t first_missing() const;

private:
    Grid(std::vector<std::int64_t> times, std::vector<std::int64_t> decode_times)
        : times_(std::move(times)), given_decode_times_(std::move(decode_times)), taken_(times_.size() - 1)
    {
    }
    const std::vector<std::int64_t> &decode_times() const
    {
        return given_decode_times_.empty() ? times_ : given_decode_times_;
    }

    std::vector<std::int64_t> times_; // one more than samples
    std::vector<std::int64_t> given_decode_times_;
    std::vector<bool> taken_;
    std::size_t placed_ = 0;
};

} // namespace butaca::mux
