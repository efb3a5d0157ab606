// SPDX-License-Identifier: LGPL-2.1-or-later
// Samples by position.
#include "pipelines/sample_strip.h"

#include <algorithm>

namespace butaca::pipelines {

SampleStrip::SampleStrip(std::int64_t from, std::int64_t to, unsigned channels)
    : from_(from), to_(std::max(from, to)), channels_(channels),
      samples_(static_cast<std::size_t>(to_ - from_) * channels)
{
}

void SampleStrip::place(std::int64_t position, std::span<const float> samples)
{
    const std::int64_t count = static_cast<std::int64_t>(samples.size()) / channels_;
    const std::int64_t first = std::max(position, from_);
    const std::int64_t last = std::min(position + count, to_);
    if (first >= last)
        return;
    std::copy_n(samples.begin() + (first - position) * channels_, (last - first) * channels_,
                samples_.begin() + (first - from_) * channels_);
}

void SampleStrip::keep(std::int64_t from, std::int64_t to)
{
    const auto at = [this](std::int64_t position) {
        return samples_.begin() + (std::clamp(position, from_, to_) - from_) * channels_;
    };
    std::fill(samples_.begin(), at(from), 0.0F);
    std::fill(at(std::max(from, to)), samples_.end(), 0.0F);
}

std::vector<float> SampleStrip::cut(std::int64_t from, std::int64_t to) const
{
    SampleStrip piece(from, to, channels_);
    piece.place(from_, samples_);
    return std::move(piece.samples_);
}

} // namespace butaca::pipelines
