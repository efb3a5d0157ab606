// SPDX-License-Identifier: LGPL-2.1-or-later
// Matches decoded frames to the timeline.
#include "pipelines/frame_matcher.h"

#include <algorithm>
#include <utility>

namespace butaca::pipelines {

FrameMatcher::FrameMatcher(std::vector<std::int64_t> wanted_ns, std::int64_t last_duration_ns)
    : wanted_ns_(std::move(wanted_ns)), last_duration_ns_(std::max<std::int64_t>(last_duration_ns, 2))
{
}

// Half the way to the nearer neighbour.
std::int64_t FrameMatcher::tolerance_ns(std::size_t index) const
{
    const std::int64_t after =
        index + 1 < wanted_ns_.size() ? wanted_ns_[index + 1] - wanted_ns_[index] : last_duration_ns_;
    const std::int64_t before = index > 0 ? wanted_ns_[index] - wanted_ns_[index - 1] : after;
    return std::min(before, after) / 2;
}

FrameMatcher::Match FrameMatcher::match(std::int64_t time_ns)
{
    const std::size_t first = next_;
    for (std::size_t index = next_; index < wanted_ns_.size(); ++index) {
        const std::int64_t tolerance = tolerance_ns(index);
        if (time_ns < wanted_ns_[index] - tolerance)
            return {};
        if (time_ns <= wanted_ns_[index] + tolerance) {
            next_ = index + 1;
            return {Verdict::take, index - first};
        }
    }
    next_ = wanted_ns_.size();
    return {Verdict::beyond, next_ - first};
}

std::size_t FrameMatcher::end() { return wanted_ns_.size() - std::exchange(next_, wanted_ns_.size()); }

} // namespace butaca::pipelines
