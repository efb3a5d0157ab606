// SPDX-License-Identifier: LGPL-2.1-or-later
// Matches decoded frames to the timeline.
#include "pipelines/frame_matcher.h"

#include <algorithm>
#include <utility>

namespace butaca::pipelines {

namespace {

constexpr std::int64_t unknown_distance_ns = 1'000'000'000;

} // namespace

// Half the way to the nearer neighbour: what lies nearer to another frame is that frame.
FrameMatcher::FrameMatcher(std::vector<std::int64_t> wanted_ns, std::optional<std::int64_t> before_ns,
                           std::optional<std::int64_t> after_ns)
    : wanted_ns_(std::move(wanted_ns))
{
    reach_ns_.reserve(wanted_ns_.size());
    for (std::size_t i = 0; i < wanted_ns_.size(); ++i) {
        const auto before = i > 0 ? std::optional(wanted_ns_[i - 1]) : before_ns;
        const auto after = i + 1 < wanted_ns_.size() ? std::optional(wanted_ns_[i + 1]) : after_ns;
        std::int64_t nearest_ns = unknown_distance_ns;
        if (before)
            nearest_ns = std::min(nearest_ns, wanted_ns_[i] - *before);
        if (after)
            nearest_ns = std::min(nearest_ns, *after - wanted_ns_[i]);
        reach_ns_.push_back(nearest_ns / 2);
    }
}

FrameMatcher::Match FrameMatcher::match(std::int64_t time_ns)
{
    const std::size_t first = next_;
    for (std::size_t index = next_; index < wanted_ns_.size(); ++index) {
        const std::int64_t tolerance = reach_ns_[index];
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
