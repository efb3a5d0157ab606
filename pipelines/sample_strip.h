// SPDX-License-Identifier: LGPL-2.1-or-later
// A stretch of interleaved 32-bit float samples at fixed positions, silent where nothing was placed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace butaca::pipelines {

class SampleStrip {
public:
    // Holds the positions [from, to), all channels of each.
    SampleStrip(std::int64_t from, std::int64_t to, unsigned channels);

    // Writes samples from `position` on; what lies outside is cut off. Later ones win.
    void place(std::int64_t position, std::span<const float> samples);
    // Silences what lies before `from` or at and beyond `to`.
    void keep(std::int64_t from, std::int64_t to);
    // The samples [from, to); positions outside the strip are silent.
    std::vector<float> cut(std::int64_t from, std::int64_t to) const;

    unsigned channels() const { return channels_; }
    std::int64_t from() const { return from_; }
    std::int64_t to() const { return to_; }
    const std::vector<float> &samples() const { return samples_; }
    std::span<float> writable() { return samples_; }

private:
    std::int64_t from_;
    std::int64_t to_;
    unsigned channels_;
    std::vector<float> samples_;
};

} // namespace butaca::pipelines
