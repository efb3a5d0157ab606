// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/playback/look_ahead.h"

#include <algorithm>

namespace butaca::playback {

namespace {
constexpr std::chrono::seconds left_after{30};
// A player with several connections may ask for a few in another order.
constexpr std::int64_t reorder = 2;
} // namespace

LookAhead::Advice LookAhead::asked(const std::string &viewer, const std::string &rendition,
                                   std::int64_t number, std::int64_t segment_count)
{
    Advice advice{viewer + "\n" + rendition, {}, {}, false};
    auto [found, is_new] = places_.try_emplace(advice.place, Place{rendition, number, {}, {}});
    Place &place = found->second;
    place.asked_at = clock_();
    std::int64_t ahead = segments_;
    bool sequential = number >= place.last - reorder && number <= place.last + ahead + 1;
    advice.jump = is_new || !sequential;
    place.last = sequential ? std::max(place.last, number) : number;

    std::int64_t end = std::min(segment_count, place.last + 1 + ahead);
    for (std::int64_t next = place.last + 1; next < end; ++next)
        advice.wanted.push_back(next);
    std::vector<std::int64_t> kept = advice.wanted;
    for (std::int64_t old : place.wanted) {
        bool late = old >= place.last - reorder && old <= place.last && old != number;
        if (late)
            kept.push_back(old);
        else if (std::find(advice.wanted.begin(), advice.wanted.end(), old) == advice.wanted.end())
            advice.dropped.push_back(old);
    }
    place.wanted = std::move(kept);
    return advice;
}

std::vector<LookAhead::Left> LookAhead::forget_left()
{
    std::vector<Left> left;
    auto now = clock_();
    std::erase_if(places_, [&](auto &entry) {
        if (now - entry.second.asked_at < left_after)
            return false;
        left.push_back({entry.first, std::move(entry.second.wanted)});
        return true;
    });
    return left;
}

} // namespace butaca::playback
