// SPDX-License-Identifier: LGPL-2.1-or-later
// The blocks of an original that were read last, up to a number of bytes. Not thread-safe: RangeReader owns
// one and holds its own lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

namespace butaca::source {

using Block = std::vector<std::uint8_t>;

class BlockCache {
public:
    // Keeps capacity_bytes / block_size_bytes blocks, at least one.
    BlockCache(std::size_t block_size_bytes, std::size_t capacity_bytes);

    // The block, now the most recently used; null when it is not here. Valid until the next call that is not
    // const.
    const Block *find(std::uint64_t index);
    bool contains(std::uint64_t index) const { return places_.contains(index); }

    // Storage of block_size_bytes for a block to be read, taken from the least recently used one when full,
    // so that a long film allocates no more than the cache's size.
    Block claim();
    // Stores what was read into claimed storage; a short block is the original's last.
    void put(std::uint64_t index, Block block);
    // Takes back claimed storage that nothing was read into.
    void give_back(Block block) { spare_ = std::move(block); }

private:
    struct Entry {
        std::uint64_t index;
        Block block;
    };
    std::size_t block_size_bytes_;
    std::size_t max_blocks_;
    std::list<Entry> entries_; // most recently used first
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> places_;
    Block spare_;
};

} // namespace butaca::source
