// SPDX-License-Identifier: LGPL-2.1-or-later
// How large segments turned out as transport streams, which are packed anew each time and kept nowhere.
// Belongs to the main loop.
#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "src/playback/segment_service.h"

namespace butaca::gateway {

class PackedSizes {
public:
    // Remembers the newest this many; some 100 bytes each.
    explicit PackedSizes(std::size_t most) : most_(most) {}
    PackedSizes() = default;

    void note(const playback::SegmentKey &key, std::uint64_t bytes)
    {
        if (!sizes_.insert_or_assign(key, bytes).second)
            return;
        order_.push_back(key);
        if (order_.size() > most_) {
            sizes_.erase(order_.front());
            order_.pop_front();
        }
    }
    // 0 when nobody knows.
    std::uint64_t find(const playback::SegmentKey &key) const
    {
        const auto found = sizes_.find(key);
        return found == sizes_.end() ? 0 : found->second;
    }

private:
    std::size_t most_ = 65536;
    std::map<playback::SegmentKey, std::uint64_t> sizes_;
    std::deque<playback::SegmentKey> order_;
};

} // namespace butaca::gateway
