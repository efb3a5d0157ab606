// SPDX-License-Identifier: LGPL-2.1-or-later
// The segments in memory: the least recently used ones go when there are too many bytes.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "src/playback/segment_service.h"

namespace butaca::playback {

// Loop-bound.
class MemoryCache {
public:
    explicit MemoryCache(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

    // The segment, now the most recently used one; null when it is not here.
    std::shared_ptr<GBytes> find(const SegmentKey &key);
    // Keeps a segment, unless it alone is over the limit. One that is here already stays.
    void add(const SegmentKey &key, std::shared_ptr<GBytes> bytes);
    // Its size, without any effect on the order; 0 when it is not here.
    std::uint64_t size_bytes(const SegmentKey &key) const;
    std::uint64_t used_bytes() const { return used_bytes_; }

private:
    struct Entry {
        SegmentKey key;
        std::shared_ptr<GBytes> bytes;
    };
    std::uint64_t most_bytes_;
    std::uint64_t used_bytes_ = 0;
    std::list<Entry> order_; // the least recently used one first
    std::map<SegmentKey, std::list<Entry>::iterator> positions_;
};

} // namespace butaca::playback
