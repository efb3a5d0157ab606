// SPDX-License-Identifier: LGPL-2.1-or-later
// Sends one segment to one client: from the cache, or chunk by chunk while a worker makes it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/gateway/packed_sizes.h"
#include "src/http/message.h"
#include "src/playback/container.h"
#include "src/playback/segment_service.h"

namespace butaca::gateway {

// Which segment, and packed how.
struct SegmentName {
    std::int64_t number = 0;
    playback::Container container = playback::Container::mp4;
};

// Answers exactly once. A failure before the first byte is a problem document; after it the connection is
// cut, so that no client takes a torn segment for a whole one. A client that leaves stops waiting for its
// segment. Notes in `sizes`, which outlives the answer, how large a transport stream turned out.
void deliver_segment(playback::SegmentService &segments, PackedSizes &sizes,
                     const std::shared_ptr<const playback::JobSource> &source, SegmentName name,
                     const std::string &viewer, std::shared_ptr<const http::Request> request,
                     http::Responder responder);

} // namespace butaca::gateway
