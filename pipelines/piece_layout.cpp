// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs of sound, and where each begins.
#include "pipelines/piece_layout.h"

#include <algorithm>
#include <cstdlib>

namespace butaca::pipelines {

namespace {

std::int64_t length_of(const Piece &piece, unsigned channels)
{
    return static_cast<std::int64_t>(piece.samples.size() / channels);
}

// Which piece the anchor is the exact position of; none when none is near.
std::optional<std::size_t> anchored(const std::vector<Piece> &pieces, std::int64_t tolerance,
                                    std::optional<std::int64_t> anchor)
{
    std::optional<std::size_t> nearest;
    std::int64_t least = tolerance / 2;
    for (std::size_t i = 0; anchor && i < pieces.size(); ++i) {
        const std::int64_t off = std::abs(pieces[i].position - *anchor);
        if (off < least || (off == least && !nearest)) {
            least = off;
            nearest = i;
        }
    }
    return nearest;
}

} // namespace

void lay_out(std::vector<Piece> &pieces, unsigned channels, std::int64_t tolerance,
             std::optional<std::int64_t> anchor)
{
    const auto at_anchor = anchored(pieces, tolerance, anchor);
    for (std::size_t begin = 0; begin < pieces.size();) {
        // The run's own count of samples against what the times say: the differences are rounding.
        std::int64_t counted = pieces[begin].position;
        std::int64_t least = 0;
        std::int64_t most = 0;
        std::size_t end = begin;
        std::optional<std::int64_t> exact;
        for (; end < pieces.size(); ++end) {
            const std::int64_t off = pieces[end].position - counted;
            if (std::max(most, off) - std::min(least, off) > tolerance)
                break;
            least = std::min(least, off);
            most = std::max(most, off);
            if (at_anchor == end)
                exact = pieces[begin].position + *anchor - counted;
            counted += length_of(pieces[end], channels);
        }
        std::int64_t position = exact.value_or(pieces[begin].position + (least + most) / 2);
        for (; begin < end; ++begin) {
            pieces[begin].position = position;
            position += length_of(pieces[begin], channels);
        }
    }
}

} // namespace butaca::pipelines
