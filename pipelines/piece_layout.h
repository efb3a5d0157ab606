// SPDX-License-Identifier: LGPL-2.1-or-later
// Where decoded pieces of sound lie exactly, from times that the container may have rounded (Matroska: to a
// millisecond). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace butaca::pipelines {

struct Piece {
    std::int64_t position = 0; // in samples, as its time says; after lay_out() exact
    std::vector<float> samples;
};

// Pieces that follow each other within `tolerance` samples are one run without seams; the run as a whole is
// placed in the middle of what its pieces' times allow; the one that has a piece within half the tolerance of
// `anchor`, so that the nearest such piece lies there exactly. Larger gaps and overlaps stay.
void lay_out(std::vector<Piece> &pieces, unsigned channels, std::int64_t tolerance,
             std::optional<std::int64_t> anchor = std::nullopt);

} // namespace butaca::pipelines
