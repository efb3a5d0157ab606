// SPDX-License-Identifier: LGPL-2.1-or-later
// When what is shown changes. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace butaca::subtitle {

struct Span {
    std::int64_t start = 0;
    std::int64_t end = 0; // later than start
};

// Cuts time at every start and end. Between two cuts the same spans are shown. A run of pieces without a
// moment at which nothing goes on is a cluster; one of more than `pieces_most` pieces is cut off there.
class Moments {
public:
    static constexpr std::size_t pieces_most = 32;

    Moments() = default;
    explicit Moments(std::span<const Span> spans);

    struct Piece {
        bool shows = false;
        std::int64_t start = 0; // of the piece
        std::size_t first = 0;  // of its cluster's pieces
        std::size_t index = 0;
    };
    Piece at(std::int64_t time) const;
    std::int64_t start_of(std::size_t piece) const { return pieces_[piece].start; }

private:
    struct Entry {
        std::int64_t start;
        std::size_t first;
        bool shows;
    };
    std::vector<Entry> pieces_;
};

} // namespace butaca::subtitle
