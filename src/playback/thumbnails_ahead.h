// SPDX-License-Identifier: LGPL-2.1-or-later
// Has the thumbnails of titles that are watched made while workers have nothing else to do, one sheet at a
// time. Loop-bound.
#pragma once

#include <deque>
#include <memory>

#include "src/playback/segment_service.h"

namespace butaca::playback {

class ThumbnailsAhead {
public:
    // `segments` must outlive it.
    explicit ThumbnailsAhead(SegmentService &segments) : segments_(segments) {}

    // Someone plays this title: its sheets come next, after those of the titles asked for since it was last
    // asked. Of many titles the oldest wishes are forgotten.
    void want(const std::shared_ptr<const JobSource> &thumbnails);

private:
    void next();
    void finished(bool made);

    SegmentService &segments_;
    std::deque<std::shared_ptr<const JobSource>> wanted_; // the first one is under way
    std::int64_t sheet_ = 0;                              // of the first one
    std::unique_ptr<SegmentService::Waiter> waiter_;
};

} // namespace butaca::playback
