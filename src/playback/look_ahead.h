// SPDX-License-Identifier: LGPL-2.1-or-later
// Which segments viewers will ask for next. A player that fills its buffer asks for many in a row as fast as
// they come, perhaps two at a time and not quite in order: that is one place moving on. A jump is a new
// place, and what was to come at the old one is of no use any more. Loop-bound, pure but for the clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace butaca::playback {

class LookAhead {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;
    // `segments`: how many to make ahead of the last one asked for.
    explicit LookAhead(unsigned segments, Clock clock = std::chrono::steady_clock::now)
        : segments_(segments), clock_(std::move(clock))
    {
    }

    // What follows from one request. `place` names the viewer's position in this rendition.
    struct Advice {
        std::string place;
        std::vector<std::int64_t> wanted;  // now, the nearest first; some may be wanted already
        std::vector<std::int64_t> dropped; // wanted no more
        bool jump = false;                 // the viewer was elsewhere before, or nowhere
    };
    Advice asked(const std::string &viewer, const std::string &rendition, std::int64_t number,
                 std::int64_t segment_count);

    // The places that nobody has asked at for half a minute (left, or on another rendition); they are
    // forgotten. `dropped` is what was wanted there.
    struct Left {
        std::string place;
        std::vector<std::int64_t> dropped;
    };
    std::vector<Left> forget_left();
    bool empty() const { return places_.empty(); }

private:
    struct Place {
        std::string rendition;
        std::int64_t last = 0;
        std::vector<std::int64_t> wanted;
        std::chrono::steady_clock::time_point asked_at;
    };
    unsigned segments_;
    Clock clock_;
    std::map<std::string, Place> places_;
};

} // namespace butaca::playback
