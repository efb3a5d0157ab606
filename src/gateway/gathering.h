// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole segment, from the cache or as it is made.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/playback/segment_service.h"

namespace butaca::gateway {

class Gathering {
public:
    using Done = std::function<void(Result<std::string>)>;

    // Calls back on the loop, never from inside begin(). Dropped before that, nobody waits for the segment
    // any more. `viewer` as in SegmentService::get.
    static std::shared_ptr<Gathering> begin(playback::SegmentService &segments,
                                            const std::shared_ptr<const playback::JobSource> &source,
                                            std::int64_t number, const std::string &viewer, Done done,
                                            playback::Priority priority = playback::Priority::viewer);

private:
    void finish(Result<std::string> whole);

    std::string bytes_;
    Done done_;
    std::unique_ptr<playback::SegmentService::Waiter> waiter_;
};

} // namespace butaca::gateway
