// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs of sound, and where each begins.
#include "pipelines/piece_layout.h"

#include <algorithm>

namespace butaca::pipelines {

namespace {

std::int64_t length_of(const Piece &piece, unsigned channels)
{
    return static_cast<std::int64_t>(piece.samples.size() / channels);
}

} // namespace

void lay_out(std::vector<Piece> &pieces, unsigned channels, std::int64_t tolerance)
{
    for (std::size_t begin = 0; begin < pieces.size();) {
        // The run's own count of samples against what the times say: the differences are rounding.
        std::int64_t counted = pieces[begin].position;
        std::int64_t least = 0;
        std::int64_t most = 0;
        std::size_t end = begin;
        for (; end < pieces.size(); ++end) {
            const std::int64_t off = pieces[end].position - counted;
            if (std::max(most, off) - std::min(least, off) > tolerance)
                break;
            least = std::min(least, off);
            most = std::max(most, off);
            counted += length_of(pieces[end], channels);
        }
        std::int64_t position = pieces[begin].position + (least + most) / 2;
        for (; begin < end; ++begin) {
            pieces[begin].position = position;
            position += length_of(pieces[begin], channels);
        }
    }
}

} // namespace butaca::pipelines
