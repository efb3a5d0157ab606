// SPDX-License-Identifier: LGPL-2.1-or-later
// Which decoded frame is which frame of the segment: by time, with exactly as many out as the timeline has,
// whatever a damaged source gives. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace butaca::pipelines {

class FrameMatcher {
public:
    // `wanted_ns`: the segment's frames, ascending. `last_duration_ns`: of the last of them.
    FrameMatcher(std::vector<std::int64_t> wanted_ns, std::int64_t last_duration_ns);

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
    std::int64_t tolerance_ns(std::size_t index) const;

    std::vector<std::int64_t> wanted_ns_;
    std::int64_t last_duration_ns_;
    std::size_t next_ = 0;
};

} // namespace butaca::pipelines
