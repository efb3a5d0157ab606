// SPDX-License-Identifier: LGPL-2.1-or-later
// Which decoded frame is which frame of the segment: by time, with exactly as many out as the timeline has,
// whatever a damaged source gives. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace butaca::pipelines {

class FrameMatcher {
public:
    // `wanted_ns`: the segment's frames, ascending, at least one. `before_ns` and `after_ns`: the source's
    // frames just before and after them, if any.
    FrameMatcher(std::vector<std::int64_t> wanted_ns, std::optional<std::int64_t> before_ns,
                 std::optional<std::int64_t> after_ns);

    enum class Verdict { drop, take, beyond };
    struct Match {
        Verdict verdict = Verdict::drop; // beyond: it belongs to a later segment
        std::size_t missing = 0;         // frames before it that never came
    };
    // For each decoded frame, in order of time.
    Match match(std::int64_t time_ns);
    // No more frames come; returns how many are missing.
    std::size_t end();

    bool complete() const { return next_ == wanted_ns_.size(); }

private:
    std::vector<std::int64_t> wanted_ns_;
    std::vector<std::int64_t> reach_ns_; // how far from its time each may lie
    std::size_t next_ = 0;
};

} // namespace butaca::pipelines
