// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plugins/source/block_cache.h"

#include <algorithm>
#include <utility>

namespace butaca::source {

BlockCache::BlockCache(std::size_t block_size_bytes, std::size_t capacity_bytes)
    : block_size_bytes_(block_size_bytes),
      max_blocks_(std::max<std::size_t>(1, capacity_bytes / block_size_bytes))
{
}

const Block *BlockCache::find(std::uint64_t index)
{
    auto place = places_.find(index);
    if (place == places_.end())
        return nullptr;
    entries_.splice(entries_.begin(), entries_, place->second);
    return &place->second->block;
}

Block BlockCache::claim()
{
    Block block = std::exchange(spare_, {});
    if (block.empty() && entries_.size() >= max_blocks_) {
        block = std::move(entries_.back().block);
        places_.erase(entries_.back().index);
        entries_.pop_back();
    }
    block.resize(block_size_bytes_);
    return block;
}

void BlockCache::put(std::uint64_t index, Block block)
{
    if (auto place = places_.find(index); place != places_.end()) {
        entries_.erase(place->second);
        places_.erase(place);
    }
    while (entries_.size() >= max_blocks_) {
        places_.erase(entries_.back().index);
        entries_.pop_back();
    }
    entries_.push_front({index, std::move(block)});
    places_[index] = entries_.begin();
}

} // namespace butaca::source
