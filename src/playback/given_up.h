// SPDX-License-Identifier: LGPL-2.1-or-later
// The segments whose making was given up lately because their viewers left. Loop-bound.
#pragma once

#include <cstddef>
#include <deque>

#include "src/playback/segment_service.h"

namespace butaca::playback {

class GivenUp {
public:
    // Forgets the oldest for it when there are too many.
    void note(const SegmentKey &key)
    {
        take(key);
        if (keys_.size() == most)
            keys_.pop_front();
        keys_.push_back(key);
    }
    // Was this one given up? It is forgotten then.
    bool take(const SegmentKey &key) { return std::erase(keys_, key) > 0; }

private:
    static constexpr std::size_t most = 1024;
    std::deque<SegmentKey> keys_;
};

} // namespace butaca::playback
