// SPDX-License-Identifier: LGPL-2.1-or-later
// Packets of an opened original by time: recent ones are kept, so that a segment that begins a little before
// the last one ended needs no seek. What collect() gives depends on the times alone. Belongs to the job's
// thread.
#pragma once

#include <deque>
#include <vector>

#include "pipelines/warm_stream.h"

namespace butaca::pipelines {

class PacketShelf {
public:
    explicit PacketShelf(std::unique_ptr<WarmStream> stream) : stream_(std::move(stream)) {}

    // All packets that begin in [from_ns, to_ns), in the order of the stream.
    Result<std::vector<TimedSample>> collect(std::int64_t from_ns, std::int64_t to_ns);

    WarmStream &stream() { return *stream_; }

private:
    bool reaches(std::int64_t from_ns) const;
    void forget_before(std::int64_t time_ns);

    std::unique_ptr<WarmStream> stream_;
    std::deque<TimedSample> packets_;
    // Every packet from here on is on the shelf, up to the stream's position.
    std::optional<std::int64_t> complete_from_ns_;
    bool at_end_ = false;
};

} // namespace butaca::pipelines
