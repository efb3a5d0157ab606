// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/subtitle/moments.h"

#include <algorithm>
#include <utility>

namespace butaca::subtitle {

Moments::Moments(std::span<const Span> spans)
{
    std::vector<std::pair<std::int64_t, int>> changes; // ends before starts, at one time
    changes.reserve(spans.size() * 2);
    for (const Span &span : spans) {
        changes.emplace_back(span.start, 1);
        changes.emplace_back(span.end, -1);
    }
    std::sort(changes.begin(), changes.end());
    std::size_t going = 0;
    for (std::size_t i = 0; i < changes.size();) {
        const std::int64_t time = changes[i].first;
        for (; i < changes.size() && changes[i].first == time && changes[i].second < 0; i++)
            going--;
        const bool fresh = going == 0;
        for (; i < changes.size() && changes[i].first == time; i++)
            going++;
        const std::size_t index = pieces_.size();
        std::size_t first = fresh || pieces_.empty() ? index : pieces_.back().first;
        if (index - first >= pieces_most)
            first = index;
        pieces_.push_back({time, first, going > 0});
    }
}

Moments::Piece Moments::at(std::int64_t time) const
{
    const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), time,
                                        [](std::int64_t t, const Entry &piece) { return t < piece.start; });
    if (after == pieces_.begin())
        return {};
    const auto index = static_cast<std::size_t>(after - pieces_.begin()) - 1;
    return {pieces_[index].shows, pieces_[index].start, pieces_[index].first, index};
}

} // namespace butaca::subtitle
